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

/** In the order in which they count when several apply (docs/EXIT-CODES.md). */
const BY_WEIGHT: readonly ExitCode[] = [
  ExitCode.internalError,
  ExitCode.usage,
  ExitCode.historyInvalid,
  ExitCode.noSystem,
  ExitCode.interrupted,
  ExitCode.terminated,
  ExitCode.verdictUnknown,
  ExitCode.generatorLimited,
  ExitCode.notReproduced,
  ExitCode.thresholdMissed,
];

/** Of several runs: 0 if all have passed. One that is not known, or that a signal has ended (null), is an internal error. */
export function worstOf(exitCodes: readonly (number | null)[]): ExitCode {
  const codes = exitCodes
    .filter((code) => code !== ExitCode.passed)
    .map((code) => BY_WEIGHT.find((known) => known === code) ?? ExitCode.internalError);
  return BY_WEIGHT.find((code) => codes.includes(code)) ?? ExitCode.passed;
}

/** The user asked for something that can't be: the message says what, where and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
