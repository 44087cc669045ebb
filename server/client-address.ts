import { canonicalHost, formatEndpoint, isWildcard } from './base/host.ts';
import type { Endpoint } from './base/ports.ts';
import { problemAt, type ConfigSettings } from './config-settings.ts';
import type { EnsembleConfig } from './ensemble-config.ts';
import { lineOf, type MemberList } from './ensemble-members.ts';

const EVERY_ADDRESS = '0.0.0.0';

export interface Servers {
  /** `null`: no server.N line. */
  readonly list: MemberList | null;
  /** `null`: this server runs alone. */
  readonly ensemble: EnsembleConfig | null;
}

/**
 * Where clients are served: `clientPort` and `clientPortAddress`, or what stands behind ";" in this server's line.
 *
 * @throws ConfigError where there is neither, or the two differ.
 */
export function readClientAddress(settings: ConfigSettings, { list, ensemble }: Servers): Endpoint {
  const [first] = list?.membership.members.values() ?? [];
  const lineAddress = (ensemble?.self ?? first)?.client ?? null;
  const host = settings.value('clientPortAddress');
  const port = settings.value('clientPort') ?? lineAddress?.port;
  if (port === undefined) {
    throw settings.problem('clientPort', {
      code: 'MISSING',
      expected: 'clientPort is not set',
      advice: 'add clientPort=2181 (a server with a TLS port alone is not supported yet)',
    });
  }
  if (list === null || ensemble === null) {
    return { host: host ?? lineAddress?.host ?? EVERY_ADDRESS, port };
  }
  const { self } = ensemble;
  const address = { host: host ?? EVERY_ADDRESS, port };
  if (lineAddress !== null && !isCoveredBy(lineAddress, address)) {
    throw problemAt(lineOf(list, self.id), {
      code: 'CONFLICT',
      expected: `clients are told ${formatEndpoint(lineAddress)} here and ${formatEndpoint(address)} by clientPort`,
      advice: 'remove clientPort and clientPortAddress, or what stands behind ";"',
    });
  }
  const served = lineAddress ?? address;
  for (const [key, own] of [
    ['quorum', self.quorum],
    ['election', self.election],
  ] as const) {
    if (own.port !== served.port || !(ensemble.quorumListenOnAllIPs || isSameHost(own, served))) continue;
    throw problemAt(lineOf(list, self.id), {
      code: 'CONFLICT',
      expected: `clients are to be served at port ${served.port}, which is the ${key} port`,
      advice: 'give clients a port of their own, such as 2181',
    });
  }
  return served;
}

/** As Apache compares the two: the line may be more precise. */
function isCoveredBy(line: Endpoint, { host, port }: Endpoint): boolean {
  return line.port === port && (isWildcard(host) || canonicalHost(line.host) === canonicalHost(host));
}

function isSameHost(one: Endpoint, other: Endpoint): boolean {
  return (
    isWildcard(one.host) || isWildcard(other.host) || canonicalHost(one.host) === canonicalHost(other.host)
  );
}
