import { ToxiproxyClient } from '../toxiproxy/client.ts';
import { ProxiedNetwork } from '../toxiproxy/proxied-network.ts';
import { startEmbedded } from '../toxiproxy/start-embedded.ts';

export interface NetworkChoice {
  /** Whether the servers are to be reached through proxies. */
  readonly isNeeded: boolean;
  /** Of all that the proxies leave to chance. */
  readonly seed: number;
}

/** Lends the ways between the servers of a run: through a Toxiproxy of our own, which is ended after it; null for direct ones. */
export async function withNetwork<T>(
  { isNeeded, seed }: NetworkChoice,
  use: (network: ProxiedNetwork | null) => Promise<T>,
): Promise<T> {
  if (!isNeeded) return use(null);
  const toxiproxy = await startEmbedded({ seed });
  try {
    return await use(new ProxiedNetwork(new ToxiproxyClient(toxiproxy.url)));
  } finally {
    await toxiproxy.stop();
  }
}
