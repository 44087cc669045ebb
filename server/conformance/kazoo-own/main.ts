import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { EXPECTED_FAILURES } from './expected-failures.ts';
import type { KazooVersion } from './installation.ts';
import { judge, type Judgement } from './judge.ts';
import { QUICK_SELECTION } from './quick-selection.ts';
import { runKazooOwn, whyUnavailable } from './run-kazoo.ts';

const USAGE = `usage: node dist/server/conformance/kazoo-own/main.js [--kazoo 2.8|2.11] [--target ours|apache] [options] [test …]
  Runs the tests that kazoo brings along, which start, stop and restart a cluster of three servers.
  test: a file, or file::Class::test, as pytest has it; all of them by default
  --kazoo: Debian's 2.8 (if not told), or 2.11 from PyPI, whose servers speak TLS as well
  --quick: those that try a cluster hardest, in half a minute
  --out DIR: keeps the servers' logs and pytest's output there; otherwise they are kept when something is wrong
exit code: 0 as expected, 2 usage, 3 it cannot be run here, 99 not as expected`;
const TIMEOUT_MS = 15 * 60_000;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kazoo: { type: 'string', default: '2.8' },
    target: { type: 'string', default: 'ours' },
    quick: { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const { kazoo: version, target, quick, help } = options;
  if (help || !isKazooVersion(version) || (target !== 'ours' && target !== 'apache')) {
    console.error(USAGE);
    return 2;
  }
  const unavailable = whyUnavailable(version, target);
  if (unavailable !== false) {
    console.error(unavailable);
    return 3;
  }
  const directory =
    options.out === undefined ? mkdtempSync(join(tmpdir(), 'stampede-kazoo-')) : resolve(options.out);
  const selection = quick ? [...QUICK_SELECTION[version], ...positionals] : positionals;
  const outcomes = await runKazooOwn({ version, target, directory, selection, timeoutMs: TIMEOUT_MS });
  const judgement = judge(outcomes, EXPECTED_FAILURES[version][target]);
  report(target, judgement);
  const isAsExpected = judgement.wrong.length === 0;
  if (!isAsExpected) console.log(`the servers' logs: ${directory}`);
  else if (options.out === undefined) rmSync(directory, { recursive: true, force: true });
  return isAsExpected ? 0 : 99;
}

function isKazooVersion(text: string): text is KazooVersion {
  return text === '2.8' || text === '2.11';
}

function report(target: string, { files, wrong, expected, skipped }: Judgement): void {
  for (const { name, why } of wrong) console.log(`wrong: ${name}\n${why}\n`);
  for (const { name, why } of expected) console.log(`fails, as expected: ${name}: ${why}`);
  for (const { name, why } of skipped) console.log(`skipped: ${name}: ${why}`);
  for (const file of [...files, { file: `in all on ${target}`, ...totals(files) }]) {
    const counts = [
      `${file.passed} passed`,
      ...(file.wrong > 0 ? [`${file.wrong} not as expected`] : []),
      ...(file.expected > 0 ? [`${file.expected} failed as expected`] : []),
      ...(file.skipped > 0 ? [`${file.skipped} skipped`] : []),
    ];
    console.log(`${file.file}: ${counts.join(', ')}`);
  }
}

function totals(files: Judgement['files']) {
  const sum = (of: 'passed' | 'skipped' | 'expected' | 'wrong') =>
    files.reduce((total, file) => total + file[of], 0);
  return { passed: sum('passed'), skipped: sum('skipped'), expected: sum('expected'), wrong: sum('wrong') };
}
