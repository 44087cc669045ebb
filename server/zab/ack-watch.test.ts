import t from 'tap';
import type { Zxid } from '../base/zxid.ts';
import { AckWatch } from './ack-watch.ts';

function ask(watch: AckWatch, nowMs: number, acked: number, proposed: number): boolean {
  return watch.isOverdue({ acked: acked as Zxid, proposed: proposed as Zxid, nowMs });
}

await t.test('who acknowledges something of what is proposed all the time is never overdue', async (t) => {
  const watch = new AckWatch(1000);
  for (let now = 0; now < 60_000; now += 500) t.notOk(ask(watch, now, now - 800, now));
});

await t.test('who has nothing to acknowledge is never overdue', async (t) => {
  const watch = new AckWatch(1000);
  for (let now = 0; now < 60_000; now += 500) t.notOk(ask(watch, now, 7, 7));
});

await t.test('who acknowledges nothing is overdue when it was seen to be twice', async (t) => {
  const watch = new AckWatch(1000);
  const seen = [0, 500, 1000, 1500, 2000].map((now) => ask(watch, now, 3, 10 + now));
  t.same(seen, [false, false, false, false, true]);
});

await t.test('what came while the process was stopped counts when it has been read', async (t) => {
  const watch = new AckWatch(1000);
  t.notOk(ask(watch, 0, 3, 10));
  t.notOk(ask(watch, 60_000, 3, 10), 'the timer is due before the sockets are read');
  t.notOk(ask(watch, 60_500, 10, 12));
  t.notOk(ask(watch, 61_000, 10, 12));
});
