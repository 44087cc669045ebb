import { printable } from './base/printable.ts';

/**
 * - `BAD_VALUE`: a known key with a value it cannot have.
 * - `MISSING`: a key without which the server cannot start.
 * - `CONFLICT`: two settings that contradict each other.
 * - `UNSUPPORTED`: valid for Apache, not implemented here, and dangerous to ignore.
 * - `UNREADABLE`: the configuration file itself, or one with keys that it names.
 * - `DATA_DIRECTORY`: dataDir or dataLogDir on this machine.
 */
export type ConfigErrorCode =
  'BAD_VALUE' | 'MISSING' | 'CONFLICT' | 'UNSUPPORTED' | 'UNREADABLE' | 'DATA_DIRECTORY';

export interface ConfigProblem {
  readonly code: ConfigErrorCode;
  /** The file as the user named it, or `-D` for a system property. */
  readonly file: string;
  /** From 1; `null` where no line is to blame. */
  readonly line: number | null;
  readonly key: string | null;
  /** As written; already `***` when the key holds a secret. */
  readonly value: string | null;
  /** What is wrong or what would be allowed, without a final full stop. */
  readonly expected: string;
  /** What the reader should do now. */
  readonly advice: string;
}

/** The server refuses to start; the process ends with exit code 2 (docs/EXIT-CODES.md). */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code: ConfigErrorCode;
  readonly problem: ConfigProblem;

  constructor(problem: ConfigProblem, options?: ErrorOptions) {
    super(describe(problem), options);
    this.code = problem.code;
    this.problem = problem;
  }
}

function describe(problem: ConfigProblem): string {
  const place = problem.line === null ? problem.file : `${problem.file}:${problem.line}`;
  const setting =
    problem.key === null
      ? ''
      : `${printable(problem.key)}${problem.value === null ? '' : `=${printable(problem.value)}`}: `;
  return `${printable(place)}: ${setting}${problem.expected}; ${problem.advice}`;
}
