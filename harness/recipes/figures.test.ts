import t from 'tap';
import { configFanout } from './config-fanout.ts';
import { summaryOf } from './figures.ts';
import { lock } from './lock.ts';
import { serviceDiscovery } from './service-discovery.ts';
import { told } from './testing/told.ts';

const ROOT = '/r';

await t.test('of many figures four are told', (t) => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i);
  t.same(summaryOf('delay', 'ms', values), {
    'delay count': 200,
    'delay p50 ms': 100,
    'delay p99 ms': 198,
    'delay max ms': 200,
  });
  t.same(summaryOf('delay', 'ms', []), { 'delay count': 0 });
  t.end();
});

await t.test('how late settings are heard of is counted from their acknowledgement', (t) => {
  const happenings = told(
    ROOT,
    `1 getw setting-0 -> a0 0 | 2 getw setting-0 -> a0 0
     @w 0 set setting-0 x -> 1 | 1 event changed setting-0 | =w | wait 8 | 0 set setting-0 y -> 2
     2 event changed setting-0`,
  );
  // The first watcher hears of it a millisecond before the writer does, the second after another change.
  t.same(configFanout.measure?.({ happenings, root: ROOT }), {
    'event delay count': 2,
    'event delay p50 ms': -1,
    'event delay p99 ms': 12,
    'event delay max ms': 12,
    'event staleness count': 2,
    'event staleness p50 txns': 0,
    'event staleness p99 txns': 1,
    'event staleness max txns': 1,
  });
  t.end();
});

await t.test('how late a crashed instance is gone is counted from its time-out', (t) => {
  const happenings = told(
    ROOT,
    '0 create:e instances/a x | 0 lost | wait 1500 | 1 sync | 1 list instances ->',
  );
  // Lost at 3 ms and due at 1003 ms; the answer comes at 1508 ms.
  t.same(serviceDiscovery.measure?.({ happenings, root: ROOT }), {
    'expiry lateness count': 1,
    'expiry lateness p50 ms': 505,
    'expiry lateness p99 ms': 505,
    'expiry lateness max ms': 505,
  });
  t.end();
});

await t.test('how long two believe to have a lock at once is measured, and nothing wrong', (t) => {
  const happenings = told(
    ROOT,
    `0 note belief isHeld=1 | 1 note belief isHeld=1 | wait 10 | 0 note belief isHeld=0 | 1 note belief isHeld=0
     2 note belief isHeld=1 | wait 100 | 2 note belief isHeld=0`,
  );
  t.same(lock.measure?.({ happenings, root: ROOT }), {
    'held count': 3,
    'held p50 ms': 13,
    'held p99 ms': 102,
    'held max ms': 102,
    'held by two ms': 12,
  });
  t.end();
});
