import { judge } from '../checkers/judge.ts';
import { HistoryError } from '../history/history-file.ts';
import { RunDirectoryError } from '../history/run-directory.ts';
import type { Anomaly, AnomalyOp, CheckerResult, Verdict, Verification } from '../history/verification.ts';
import { TranscriptError } from '../transcript/transcript-reader.ts';
import { ExitCode } from './exit-code.ts';

const EXIT_CODE_OF: Readonly<Record<Verdict, ExitCode>> = {
  valid: ExitCode.passed,
  invalid: ExitCode.historyInvalid,
  unknown: ExitCode.verdictUnknown,
};

export type VerifyOptions = {
  readonly runDirectory: string;
  /** Gets the whole verification as one line of JSON instead of the text. */
  readonly isJson?: boolean;
  readonly print: (line: string) => void;
  readonly printError: (line: string) => void;
};

/**
 * `stampede verify RUN_DIR`: judges a stored run again, from what it has left, and says what it found.
 *
 * Returns the exit code: 0 valid, 100 invalid, 101 unknown, 2 if the directory can't be judged at all.
 */
export async function runVerify({
  runDirectory,
  isJson = false,
  print,
  printError,
}: VerifyOptions): Promise<ExitCode> {
  let verification: Verification;
  try {
    verification = await judge(runDirectory);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    printError(`verify: ${error.message}`);
    return ExitCode.usage;
  }
  if (isJson) print(JSON.stringify(verification));
  else for (const line of verificationLines(verification)) print(line);
  return EXIT_CODE_OF[verification.verdict];
}

function isUnreadable(error: unknown): error is Error {
  return [RunDirectoryError, HistoryError, TranscriptError].some((type) => error instanceof type);
}

/** The verdict as text: one line for each checker, then what each found, then the verdict. */
export function* verificationLines({ verdict, checkers }: Verification): Generator<string> {
  for (const checker of checkers) yield summaryLine(checker);
  for (const checker of checkers) {
    for (const anomaly of checker.anomalies) yield* anomalyLines(checker, anomaly);
  }
  yield `verdict: ${verdict}`;
}

function summaryLine({ name, verdict, opsChecked, durationMs, counts, sample }: CheckerResult): string {
  const found = Object.entries(counts).map(([anomaly, count]) => `${anomaly} × ${count}`);
  const what = found.length === 0 ? '' : ` · ${found.join(', ')}`;
  const where = sample === undefined ? '' : ` of ${sample.searched} of ${sample.total} ${sample.of}`;
  return `${name.padEnd(15)} ${verdict.padEnd(8)} ${opsChecked} ops${where} in ${durationMs.toFixed(0)} ms${what}`;
}

function* anomalyLines(checker: CheckerResult, anomaly: Anomaly): Generator<string> {
  yield '';
  yield `${checker.name}: ${anomaly.name}`;
  yield `  ${anomaly.explanation}`;
  if (anomaly.why !== undefined) yield `  That cannot be: ${anomaly.why}`;
  for (const [index, op] of anomaly.ops.entries()) yield `  [${index + 1}] ${opLine(op)}`;
}

function opLine({ index, process, kind, outcome, node, invokeMs, completeMs, zxid }: AnomalyOp): string {
  const when = `${invokeMs.toFixed(3)}–${completeMs.toFixed(3)} ms`;
  return `#${index} process ${process} ${kind} ${node} ${outcome}, ${when}, zxid ${zxid ?? 'none'}`;
}
