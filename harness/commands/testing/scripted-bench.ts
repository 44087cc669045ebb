import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a run of a script has been asked for. */
export interface BenchAsked {
  /** Of `--with`, the last of each. */
  readonly settings: Readonly<Record<string, string>>;
  readonly thresholds: readonly string[];
  readonly words: readonly string[];
}

/** What a run comes to. */
export interface BenchResult {
  readonly exitCode: number;
  readonly p99Us?: number;
  readonly opsPerSecond?: number;
}

/**
 * The main file of a stand-in for `bench`, whose runs take no time and come to what `outcome` says of them: a function of
 * `BenchAsked` and of how many were before, as a text, that returns a `BenchResult`, or 'endless' for one that has to be
 * interrupted. `directory`: where it is written.
 */
export function scriptedBench(directory: string, outcome: string): string {
  const main = join(directory, 'main.mjs');
  writeFileSync(`${main}.log`, '');
  writeFileSync(
    main,
    `import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
    import { once } from 'node:events';
    const words = process.argv.slice(2);
    const valuesOf = (flag) => words.flatMap((word, i) => (word === flag ? [words[i + 1]] : []));
    const settings = Object.fromEntries(valuesOf('--with').map((one) => one.split(/=(.*)/s).slice(0, 2)));
    const asked = { settings, thresholds: valuesOf('--threshold'), words };
    const before = readFileSync('${main}.log', 'utf8').split('\\n').length - 1;
    appendFileSync('${main}.log', JSON.stringify(asked) + '\\n');
    const result = (${outcome})(asked, before);
    if (result === 'endless') {
      setInterval(() => {}, 1_000);
      await once(process, 'SIGINT');
      process.exit(130);
    }
    const { exitCode, opsPerSecond = Number(settings.rate), p99Us = 1_000 } = result;
    if (exitCode === 2) {
      console.error('no such thing');
      process.exit(2);
    }
    const run = mkdtempSync(valuesOf('--out')[0] + '/run-');
    mkdirSync(run + '/servers/1/data', { recursive: true });
    const responseTime = { p50Us: p99Us / 2, p99Us };
    writeFileSync(run + '/report.json', JSON.stringify({
      schema: 'stampede.report/1',
      identity: { runId: 'run', toolVersion: '0', command: '', startedAt: '' },
      totals: [{ op: 'all', phase: 'all', count: 1, ok: 1, opsPerSecond, responseTime }],
      verdict: {
        passed: exitCode === 0,
        exitCode,
        sentence: 'The sentence of its report.',
        thresholds: asked.thresholds.map((expression) => ({
          expression, name: 'write.p99', unit: 'ms', actual: p99Us / 1_000, passed: exitCode === 0,
        })),
      },
    }));
    process.exit(exitCode);`,
  );
  return main;
}

/** All that it was asked for. */
export function askedOf(main: string): BenchAsked[] {
  const lines = readFileSync(`${main}.log`, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as BenchAsked);
}
