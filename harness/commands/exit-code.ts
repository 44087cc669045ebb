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

/** As docs/EXIT-CODES.md lists them: of several, the first counts. */
const BY_GRAVITY: readonly ExitCode[] = [
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

/** Of all of them the one that counts. */
export function gravest(codes: readonly ExitCode[]): ExitCode {
  return BY_GRAVITY.find((code) => codes.includes(code)) ?? ExitCode.passed;
}

/** Of a child process; what none of our commands ends with, or a signal (null), is a bug of ours. */
export function exitCodeFrom(code: number | null): ExitCode {
  return Object.values(ExitCode).find((known) => known === code) ?? ExitCode.internalError;
}

/** The user asked for something that can't be: the message says what, where and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
