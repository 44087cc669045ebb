import { writeSweep } from '../../reports/saturation/write-series.ts';
import { formatRate, formatUsAsMs } from '../../reports/format.ts';
import { type SweepRow, SWEEP_SCHEMA } from '../history/saturation-schema.ts';
import { overrideWorkload } from '../load/override-workload.ts';
import { ExitCode, exitCodeFrom, gravest, UsageError } from './exit-code.ts';
import { Interruption } from './interruption.ts';
import { type SeriesOptions, SeriesRuns } from './series-runs.ts';

export interface SweepOptions extends SeriesOptions {
  /** `connections=1,10,100`: a setting of the workload as `--with` takes it, and its values. */
  readonly sweep: string;
}

/**
 * `bench --sweep`: a run for each value of a setting, one after the other. Leaves `sweep.json`, `sweep.html` and `sweep.md`
 * beside the runs, with all there is until then when it is interrupted. Returns the worst of the runs' exit codes.
 *
 * @throws UsageError for what is no sweep or what `bench` refuses; WorkloadError for a value that cannot be.
 */
export async function runSweep(options: SweepOptions): Promise<ExitCode> {
  const { setting, values } = parseSweep(options.sweep);
  for (const value of values) overrideWorkload(options.workload, [`${setting}=${value}`]);
  const interruption = new Interruption();
  try {
    const runs = new SeriesRuns('sweep', options);
    const rows: SweepRow[] = [];
    for (const value of values) {
      const row = await playValue(`${setting}=${value}`, { runs, value, ...options }, interruption);
      if (row === null) break;
      rows.push(row);
    }
    const exitCode = interruption.exitCode ?? gravest(rows.map((row) => exitCodeFrom(row.exitCode)));
    const page = writeSweep(runs.directory, {
      schema: SWEEP_SCHEMA,
      ...(await runs.describe({ isInterrupted: rows.length < values.length })),
      exitCode,
      sentence: sentenceOf(setting, rows, values.length),
      setting,
      values: [...values],
      rows,
    });
    options.print(`\n${sentenceOf(setting, rows, values.length)}\n\nreport: ${page}`);
    return exitCode;
  } finally {
    interruption.stop();
  }
}

/** Null if it was interrupted. */
async function playValue(
  setting: string,
  {
    runs,
    value,
    print,
  }: { readonly runs: SeriesRuns; readonly value: string; readonly print: SweepOptions['print'] },
  interruption: Interruption,
): Promise<SweepRow | null> {
  if (interruption.exitCode !== null) return null;
  print(`${runs.elapsed}  ${setting}`);
  const { exitCode, figures, sentence } = await runs.play(['--with', setting], interruption.signal);
  if (interruption.signal.aborted) return null;
  const { opsPerSecond, p50Us, p99Us } = figures;
  print(
    `  ${formatRate(opsPerSecond)} ops/s, p50 ${formatUsAsMs(p50Us)} ms, p99 ${formatUsAsMs(p99Us)} ms` +
      (exitCode === ExitCode.passed ? '' : `, exit code ${exitCode}: ${sentence}`),
  );
  return { value, exitCode, sentence, ...figures };
}

function parseSweep(text: string): { readonly setting: string; readonly values: readonly string[] } {
  const [, setting = '', list = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  const values = list.split(',').map((value) => value.trim());
  if (setting === '' || values.length < 2 || values.includes('')) {
    throw new UsageError(
      `--sweep ${text}: give a setting of the workload and at least two values, as in connections=1,10,100`,
    );
  }
  return { setting: setting.trim(), values };
}

function sentenceOf(setting: string, rows: readonly SweepRow[], asked: number): string {
  const many = rows.length < asked ? `${rows.length} of ${asked} runs were made` : `${asked} runs`;
  const best = rows
    .filter(({ opsPerSecond }) => opsPerSecond !== null)
    .toSorted((a, b) => (b.opsPerSecond ?? 0) - (a.opsPerSecond ?? 0))[0];
  const most =
    best === undefined
      ? ''
      : `; the highest throughput is ${formatRate(best.opsPerSecond)} ops/s, with ${setting} ${best.value}`;
  const failed = rows.filter(({ exitCode }) => exitCode !== ExitCode.passed).length;
  return `${many}${most}${failed === 0 ? '.' : `; ${failed} did not pass.`}`;
}
