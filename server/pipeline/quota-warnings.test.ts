import t from 'tap';
import { SILENT_LOG } from '../base/log.ts';
import { Turn } from '../base/turn.ts';
import { QuotaWarnings } from './quota-warnings.ts';

await t.test('the operator is told what Apache’s would be, once a second at most', async (t) => {
  let nowMs = 0;
  const turn = new Turn({ monotonicMs: () => nowMs, wallMs: () => 0 }, () => undefined);
  const lines: string[] = [];
  const { onExceeded } = new QuotaWarnings(
    { ...SILENT_LOG, warn: (_component, line) => lines.push(line) },
    turn,
  );
  const soft = { path: '/q', what: 'count', isHard: false, limit: 2, wanted: 3 } as const;
  const hard = { path: '/q', what: 'bytes', isHard: true, limit: 10, wanted: 44 } as const;
  const at = (ms: number): void => {
    nowMs = ms;
    turn.end();
    turn.begin();
  };
  at(0);
  onExceeded(soft);
  t.same(lines, ['Quota exceeded: /q [current count=3, softCountLimit=2]']);
  for (let i = 0; i < 1000; i++) onExceeded(soft);
  at(900);
  onExceeded(hard);
  t.equal(lines.length, 1);
  at(1000);
  onExceeded(hard);
  t.same(lines.slice(1), [
    'Quota exceeded: /q [current bytes=44, hardByteLimit=10], and 1001 more since the last line',
  ]);
});
