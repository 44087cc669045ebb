import { ServerControls } from '../nemesis/control/server-controls.ts';
import type { Fault } from '../nemesis/fault.ts';
import { ToxiproxyClient } from '../toxiproxy/client.ts';
import { ProxiedNetwork } from '../toxiproxy/proxied-network.ts';
import { startEmbedded } from '../toxiproxy/start-embedded.ts';

/** What faults take besides servers. */
export interface Means {
  /** The ways between servers, through a Toxiproxy of our own; null for direct ones. */
  readonly network: ProxiedNetwork | null;
  /** Into the servers' processes; null where no fault acts there. */
  readonly controls: ServerControls | null;
}

/** Lends what these faults need for the time of a run. `seed`: of all that proxies leave to chance. */
export async function withMeans<T>(
  { faults, seed }: { readonly faults: readonly Fault[]; readonly seed: number },
  use: (means: Means) => Promise<T>,
): Promise<T> {
  const toxiproxy = faults.some(({ needs }) => needs.network === true) ? await startEmbedded({ seed }) : null;
  const controls = faults.some(({ needs }) => needs.preload === true) ? await ServerControls.open() : null;
  try {
    const network = toxiproxy && new ProxiedNetwork(new ToxiproxyClient(toxiproxy.url));
    return await use({ network, controls });
  } finally {
    controls?.close();
    await toxiproxy?.stop();
  }
}
