import type { Fault, FaultNeeds } from './fault.ts';

/** What is known of the servers before any of them is started. */
export interface FieldFacts {
  readonly servers: readonly ServerFacts[];
  /** Lines of zoo.cfg that were asked for. */
  readonly config: Readonly<Record<string, string>>;
  /** They run in containers, of which nothing is at hand but to start, end and freeze them. */
  readonly areContainers?: boolean;
}

export interface ServerFacts {
  readonly id: number;
  /** For people: `apache 3.8.0`. */
  readonly program: string;
  readonly isObserver: boolean;
  /** See `ServerProgram`. */
  readonly takesPreload: boolean;
}

/** Null if these servers can have it; else why not, and what would be right. */
export function whyUnavailable({ name, needs }: Fault, facts: FieldFacts): string | null {
  const { servers, config, areContainers = false } = facts;
  if (servers.length < needs.serversMin) {
    const are = servers.length === 1 ? 'is' : 'are';
    return `${name} needs at least ${needs.serversMin} servers, and there ${are} ${servers.length}; say --servers 3`;
  }
  const inside = areContainers ? insideContainers(needs) : null;
  if (inside !== null) {
    return (
      `${name} needs ${inside}, and these servers are in containers; choose kill-…, pause-… or rolling-restart, or ` +
      'servers that are processes of this machine (--target embedded or apache)'
    );
  }
  const foreign = needs.preload === true ? servers.find(({ takesPreload }) => !takesPreload) : undefined;
  if (foreign !== undefined) {
    return (
      `${name} acts inside of a server's process, which can be reached in servers of ours only, and server ` +
      `${foreign.id} is ${foreign.program}; choose signals, or files of stopped servers`
    );
  }
  for (const [key, value] of Object.entries(needs.config ?? {})) {
    const given = config[key];
    if (given !== undefined && given !== value) {
      return `${name} needs ${key}=${value}, and it is ${given}; leave that line out, it is added`;
    }
  }
  return null;
}

/** What a fault needs that only processes give. */
function insideContainers({ preload, files, network }: FaultNeeds): string | null {
  if (preload === true) return "modules in the servers' processes";
  if (files === true) return "the servers' files";
  return network === true ? 'proxies between the servers' : null;
}

/** Null if one run can have all of these; else which it can't, why, and what would be right. */
export function whyNotTogether(faults: readonly Fault[]): string | null {
  const proxied = faults.find(({ needs }) => needs.network === true);
  const moving = faults.find(({ exclusive }) => exclusive === 'members');
  if (proxied === undefined || moving === undefined) return null;
  return (
    `${proxied.name},${moving.name}: whoever changes the members tells them addresses past the proxies; ` +
    'give them to two runs'
  );
}

/** The lines of zoo.cfg that these faults need. */
export function configFor(faults: Iterable<Fault>): Record<string, string> {
  const config: Record<string, string> = {};
  for (const { needs } of faults) Object.assign(config, needs.config);
  return config;
}
