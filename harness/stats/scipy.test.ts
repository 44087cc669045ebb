import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { mannWhitney } from './mann-whitney.ts';
import { medianIntervals } from './median-intervals.ts';
import { upperQuantile, upperTail } from './normal.ts';
import { quantile } from './quantile.ts';
import { normal } from './testing/drawn-rounds.ts';

/** The one that sees Debian's Python packages; another python3 may come first in PATH. */
const PYTHON = '/usr/bin/python3';
const SCRIPT = fileURLToPath(new URL('../../../harness/stats/ask-scipy.py', import.meta.url));

function whyUnavailable(): string | false {
  if (!existsSync(PYTHON)) return `${PYTHON} does not exist`;
  const { status } = spawnSync(PYTHON, ['-c', 'import scipy'], { env: {} });
  return status === 0 ? false : 'no scipy for /usr/bin/python3 (Debian: apt-get install python3-scipy)';
}

type Answer = readonly number[];

interface Case {
  readonly question: Readonly<Record<string, unknown>> & { readonly ask: string };
  readonly ours: Answer;
  readonly agrees: (theirs: Answer) => boolean;
}

/** Relative, and absolute below 1. */
function isNear(one: number, other: number, within: number): boolean {
  return Math.abs(one - other) <= within * Math.max(1, Math.abs(other));
}

function same(question: Case['question'], ours: Answer): Case {
  return {
    question,
    ours,
    agrees: (theirs) => ours.every((mine, i) => isNear(mine, Number(theirs[i]), 1e-9)),
  };
}

function ask(cases: readonly Case[]): Answer[] {
  const input = JSON.stringify(cases.map(({ question }) => question));
  const { status, stdout, stderr } = spawnSync(PYTHON, [SCRIPT], { env: {}, input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`ask-scipy.py ended with ${status}:\n${stderr}`);
  return JSON.parse(stdout) as Answer[];
}

/** Of so many rounds, to so many digits: the fewer, the more ties. */
function drawn(prng: Prng, count: number, { shift = 0, digits = 9 } = {}): number[] {
  const values = Array.from({ length: count }, () => 20 + 4 * (normal(prng) + shift));
  return values.map((value) => Math.max(0, Number(value.toFixed(digits))));
}

function testCases(prng: Prng): Case[] {
  return Array.from({ length: 12 }, (_, i) => {
    const shift = i / 8;
    const few = { base: drawn(prng, 4 + 2 * i), other: drawn(prng, 28 - 2 * i, { shift }) };
    const many = {
      base: drawn(prng, 40 + i, { digits: 0 }),
      other: drawn(prng, 70 - i, { shift: shift / 2, digits: 0 }),
    };
    const tied = {
      base: drawn(prng, 3 + (i % 4), { digits: 0 }),
      other: drawn(prng, 6 - (i % 3), { shift, digits: 0 }),
    };
    const test = ({ base, other }: typeof few): Answer => {
      const { superiority, p } = mannWhitney(base, other);
      return [superiority, p];
    };
    return [
      same({ ask: 'exact', ...few }, test(few)),
      same({ ask: 'asymptotic', ...many }, test(many)),
      same({ ask: 'counted', ...tied }, [Number(test(tied)[1])]),
    ];
  }).flat();
}

/** It draws its resamples: ours lie between what it says of a little more and a little less confidence. */
function bootstrapCase(prng: Prng, i: number): Case {
  const arms = { base: drawn(prng, 9 + 2 * i), other: drawn(prng, 20 - i, { shift: 1 }) };
  const { difference } = medianIntervals(arms.base, arms.other, 0.05);
  const [low, high] = [difference?.low ?? NaN, difference?.high ?? NaN];
  return {
    question: { ask: 'bootstrapped', ...arms, alphas: [0.042, 0.058] },
    ours: [low, high],
    agrees: ([surerLow = NaN, surerHigh = NaN, looserLow = NaN, looserHigh = NaN]) =>
      surerLow <= low + 1e-6 &&
      low <= looserLow + 1e-6 &&
      looserHigh <= high + 1e-6 &&
      high <= surerHigh + 1e-6,
  };
}

function otherCases(prng: Prng): Case[] {
  return Array.from({ length: 6 }, (_, i) => {
    const values = drawn(prng, 5 + i);
    const q = prng.next();
    const z = 12 * prng.next() - 4;
    const p = 10 ** (-12 * prng.next());
    return [
      same({ ask: 'quantile', values, q }, [quantile(values, q)]),
      same({ ask: 'tail', z }, [upperTail(z)]),
      same({ ask: 'isf', p }, [upperQuantile(p)]),
      bootstrapCase(prng, i),
    ];
  }).flat();
}

await t.test('scipy says the same', { skip: whyUnavailable() }, async (t) => {
  const prng = new Prng(6);
  const cases = [...testCases(prng), ...otherCases(prng)];
  const theirs = ask(cases);
  t.equal(theirs.length, cases.length);
  cases.forEach(({ question, ours, agrees }, i) => {
    const answer = theirs[i] ?? [];
    t.ok(agrees(answer), { question, ours, answer });
  });
});
