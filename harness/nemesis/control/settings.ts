/** What the preload is told by, in the server's environment: where the harness listens, and as whom to report there. */
export const CONTROL_VARIABLE = 'STAMPEDE_CONTROL';

/** How a server finds its harness: JSON in the environment variable. */
export interface ControlAddress {
  readonly port: number;
  /** Known to this harness and its servers only. */
  readonly token: string;
  readonly serverId: number;
}

/** Something that is wrong inside of a server's process, for as long as it is imposed. */
export type Setting =
  /** A write gets half of its bytes through, and every later one none: ENOSPC. */
  | { readonly type: 'disk-full' }
  /** Every flush, and every write that flushes, comes back so much later. */
  | { readonly type: 'slow-flush'; readonly delayMs: number }
  /** So many flushes, from now on, fail with EIO; the bytes they were about stay readable. Null: all of them. */
  | { readonly type: 'flush-error'; readonly failures: number | null }
  /**
   * An account is kept in `file` of what is written and not flushed, so that it can be taken away after a SIGKILL
   * (`undoUnflushed`). With a delay for each flush, so that a kill often falls into one.
   */
  | { readonly type: 'account'; readonly file: string; readonly delayMs: number }
  /** A server that is wrong on purpose, to see that the loss is noticed: its flushes never come to the account, or late. */
  | { readonly type: 'lying-flush'; readonly how: 'skipped' | 'late' }
  /** The wall clock is so far off; with `flipEveryMs` only every other such time. */
  | { readonly type: 'clock-offset'; readonly byMs: number; readonly flipEveryMs: number | null }
  /** All clocks, and every timer that is set from now on, go so many times as fast. */
  | { readonly type: 'clock-rate'; readonly rate: number };

/** How often a setting had its effect in one process, and how much of it. */
export interface EffectCount {
  readonly times: number;
  /** Bytes of `account`: written, and not flushed now. Milliseconds of flushes: from the call until it came back, at most. */
  readonly amount: number;
}

/** What a server's clocks say, beside what they would say by themselves. All in ms. */
export interface ClockReading {
  /** How often the process has asked them so far. */
  readonly reads: number;
  readonly wallMs: number;
  readonly trueWallMs: number;
  readonly monotonicMs: number;
  readonly trueMonotonicMs: number;
}

export interface ImposedSetting {
  readonly id: number;
  readonly setting: Setting;
}

/** Harness to server, one JSON object a line. */
export type ControlRequest =
  /** All that is imposed, and nothing else. */
  | { readonly type: 'impose'; readonly serial: number; readonly settings: readonly ImposedSetting[] }
  | { readonly type: 'read-clock'; readonly serial: number };

/** Server to harness, one JSON object a line. */
export type ControlReport =
  | { readonly type: 'hello'; readonly token: string; readonly serverId: number; readonly pid: number }
  | { readonly type: 'imposed'; readonly serial: number; readonly ids: readonly number[] }
  | { readonly type: 'clock'; readonly serial: number; readonly reading: ClockReading }
  /** After each effect of a setting: so far, in this process. */
  | { readonly type: 'effect'; readonly id: number; readonly count: EffectCount };
