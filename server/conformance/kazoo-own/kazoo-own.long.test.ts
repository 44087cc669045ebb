import t from 'tap';
import { EXPECTED_FAILURES } from './expected-failures.ts';
import { judge } from './judge.ts';
import { QUICK_SELECTION } from './quick-selection.ts';
import { runKazooOwn, whyUnavailable } from './run-kazoo.ts';

/** Half a minute on an idle machine. */
const TIMEOUT_MS = 150_000;
t.setTimeout(TIMEOUT_MS + 30_000);

// All of them: node dist/server/conformance/kazoo-own/main.js
const skip = whyUnavailable('2.8', 'ours');
await t.test("kazoo's own tests pass on a cluster of ours that they stop and start", { skip }, async (t) => {
  const outcomes = await runKazooOwn({
    version: '2.8',
    target: 'ours',
    directory: t.testdir(),
    selection: QUICK_SELECTION['2.8'],
    timeoutMs: TIMEOUT_MS,
  });
  const { files, wrong } = judge(outcomes, EXPECTED_FAILURES['2.8'].ours);
  for (const { name, why } of wrong) t.fail(name, { why });
  for (const { file, passed } of files) t.ok(passed > 0, `${file}: ${passed} passed`);
});
