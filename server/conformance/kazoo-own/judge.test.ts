import t from 'tap';
import { judge } from './judge.ts';
import { parseOutcomes, type Outcome } from './outcome.ts';

function outcome(name: string, result: Outcome['outcome'], detail = ''): Outcome {
  return { name, outcome: result, seconds: 0, detail };
}

const EXPECTED = new Map([['test_a.py::T::test_later', 'a later issue']]);

await t.test('what passes, is skipped or fails as expected is right', async (t) => {
  const { files, wrong, expected, skipped } = judge(
    [
      outcome('test_a.py::T::test_one', 'passed'),
      outcome('test_a.py::T::test_later', 'failed', 'boom'),
      outcome('test_b.py::test_two', 'skipped', 'no gevent'),
    ],
    EXPECTED,
  );
  t.same(wrong, []);
  t.same(expected, [{ name: 'test_a.py::T::test_later', why: 'a later issue' }]);
  t.same(skipped, [{ name: 'test_b.py::test_two', why: 'no gevent' }]);
  t.same(files, [
    { file: 'test_a.py', passed: 1, skipped: 0, expected: 1, wrong: 0 },
    { file: 'test_b.py', passed: 0, skipped: 1, expected: 0, wrong: 0 },
  ]);
});

await t.test('another failure, an expected one that passes, and a test that hangs are wrong', async (t) => {
  const { files, wrong } = judge(
    [
      outcome('test_a.py::T::test_one', 'failed', 'boom'),
      outcome('test_a.py::T::test_later', 'passed'),
      outcome('test_a.py::T::test_slow', 'started'),
    ],
    EXPECTED,
  );
  t.same(
    wrong.map(({ name }) => name),
    ['test_a.py::T::test_one', 'test_a.py::T::test_later', 'test_a.py::T::test_slow'],
  );
  t.match(wrong, [{ why: 'boom' }, { why: /a later issue.*take it off the list/ }, { why: /not ended/ }]);
  t.same(files, [{ file: 'test_a.py', passed: 0, skipped: 0, expected: 0, wrong: 3 }]);
});

await t.test('of the lines about a test the last counts', async (t) => {
  const lines = [
    outcome('test_a.py::test_one', 'started'),
    outcome('test_a.py::test_one', 'passed'),
    outcome('test_a.py::test_two', 'started'),
  ];
  const outcomes = parseOutcomes(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  t.same(
    outcomes.map(({ name, outcome }) => [name, outcome]),
    [
      ['test_a.py::test_one', 'passed'],
      ['test_a.py::test_two', 'started'],
    ],
  );
});
