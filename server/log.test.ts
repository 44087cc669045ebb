import { inspect } from 'node:util';
import t from 'tap';
import { LineLog } from './log.ts';
import { Secret } from './secret.ts';

function collect(level?: 'DEBUG') {
  const out: string[] = [];
  const err: string[] = [];
  const log = new LineLog({
    myid: '1',
    ...(level === undefined ? {} : { level }),
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    now: () => new Date(2026, 10, 21, 9, 0, 0, 123),
  });
  return { log, out, err };
}

await t.test('a record is laid out as log4j lays out ZooKeeper’s', async (t) => {
  const { log, out, err } = collect('DEBUG');
  log.info('Server', 'binding to port 2181');
  log.debug('Server', 'd');
  log.warn('Server', 'w');
  log.error('Server', 'e');
  t.same(out, [
    '2026-11-21 09:00:00,123 [myid:1] - INFO  [main:Server] - binding to port 2181\n',
    '2026-11-21 09:00:00,123 [myid:1] - DEBUG [main:Server] - d\n',
  ]);
  t.same(err, [
    '2026-11-21 09:00:00,123 [myid:1] - WARN  [main:Server] - w\n',
    '2026-11-21 09:00:00,123 [myid:1] - ERROR [main:Server] - e\n',
  ]);
});

await t.test('what is below the level is not written', async (t) => {
  const { log, out } = collect();
  log.debug('Server', 'd');
  t.same(out, []);
});

await t.test('no client can forge or colour a line', async (t) => {
  const { log, out } = collect();
  log.info('Server', 'created /a\n2026-11-21 ERROR\u001b[31m\r\u202e\u2028\u0085\ud800');
  t.equal(out.length, 1);
  t.match(out[0], '/a\\n2026-11-21 ERROR\\u001b[31m\\r\\u202e\\u2028\\u0085\\ud800\n');
  t.equal(out[0]?.split('\n').length, 2);
});

await t.test('a long message is cut and says how long it was', async (t) => {
  const { log, out } = collect();
  log.info('Server', 'x'.repeat(100_000));
  t.ok((out[0]?.length ?? 0) < 2200);
  t.match(out[0], /… \(100000 characters\)\n$/);
});

await t.test('a secret prints as stars however it is printed', async (t) => {
  const secret = new Secret('hunter2');
  const prints = [secret.toString(), String(secret), JSON.stringify({ secret }), inspect(secret)];
  prints.push(inspect({ secret }, { showHidden: true, depth: 9 }));
  for (const print of prints) t.notMatch(print, /hunter2/);
  t.equal(secret.reveal(), 'hunter2');
});
