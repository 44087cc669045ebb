/** What every command's exit code means (docs/EXIT-CODES.md). */
export const ExitCode = {
  passed: 0,
  internalError: 1,
  /** Unknown workload, bad flag, configuration that cannot be. */
  usage: 2,
  /** The system under test could not be started or reached. */
  noSystem: 3,
  thresholdMissed: 99,
  historyInvalid: 100,
  verdictUnknown: 101,
  /** The load generator could not keep up: the figures are its own. */
  generatorLimited: 102,
  /** What had failed did not fail again. */
  notReproduced: 103,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** The user asked for something that can't be: the message says what, where and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
