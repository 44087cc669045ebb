import { npmCommand } from './command-line.ts';
import { type ExitCode, gravest } from './exit-code.ts';
import { runHarness } from './harness-child.ts';
import { Interruption } from './interruption.ts';
import { MatrixRuns } from './matrix-runs.ts';
import { OWN_MAIN } from './this-build.ts';

export interface ChaosMatrixOptions {
  readonly runs: number;
  /** Of each run, with its faults; its start and its end come on top. */
  readonly timeS: number;
  readonly seed: number;
  /** See `planTarget`. */
  readonly target: string | undefined;
  readonly servers: string | undefined;
  readonly apacheClasspath: string | undefined;
  readonly runsDirectory: string;
  readonly print: (line: string) => void;
}

/**
 * `chaos-matrix`: so many runs of `chaos`, each with another workload under another fault, in an order drawn from the
 * seed, until every workload has met every fault. Those that do not pass are kept in the runs' directory, and the worst
 * of their exit codes is the one returned. Interrupted it ends with the run under way, and tells what there is.
 *
 * @throws UsageError for a target that there is not.
 */
export async function runChaosMatrix(options: ChaosMatrixOptions): Promise<ExitCode> {
  const { runs, print } = options;
  const interruption = new Interruption();
  const { signal } = interruption;
  const matrix = new MatrixRuns({ ...options, signal, play: (args) => runHarness(OWN_MAIN, args, signal) });
  const bad: ExitCode[] = [];
  let done = 0;
  while (done < runs && !signal.aborted) {
    const run = await matrix.next();
    if (run === null) break;
    done++;
    const { name, exitCode, why, command, directory } = run;
    print(`${name}: ${why === null ? 'passed' : `exit code ${exitCode}`}`);
    if (why === null) continue;
    bad.push(exitCode);
    print(`${why}\nagain: ${npmCommand(command)}\nkept in ${directory}`);
  }
  interruption.stop();
  print(`${done - bad.length} of ${done} runs passed`);
  return gravest([...bad, ...(interruption.exitCode === null ? [] : [interruption.exitCode])]);
}
