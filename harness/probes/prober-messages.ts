import type { ProbeTarget } from './probe-record.ts';

/** Everything a prober needs to know. */
export interface ProberConfig {
  readonly servers: readonly { readonly id: number; readonly clientAddress: string }[];
  /** Of all servers, with the chroot if there is one. */
  readonly connectString: string;
  /** Zero of all times: a `process.hrtime.bigint()` in decimal. */
  readonly startNs: string;
  /** Where the probes are written down. It must not exist. */
  readonly file: string;
  readonly targets: readonly ProbeTarget[];
  readonly deadlineMs: number;
  readonly sessionTimeoutMs: number;
}

export type ProberCommand =
  /** Make the znodes, connect to every target. */
  | { readonly type: 'open'; readonly config: ProberConfig }
  | { readonly type: 'begin' }
  /** Begin no more, wait until the last has ended, close the file. */
  | { readonly type: 'end' };

/** What a prober says about itself when it is done. */
export interface ProberSummary {
  /** Of one core, from `begin` to `end`. */
  readonly cpuShare: number;
  readonly probes: number;
}

export type ProberMessage =
  | { readonly type: 'done'; readonly summary: ProberSummary | null }
  | { readonly type: 'failed'; readonly message: string };
