import t from 'tap';
import { SILENT_LOG } from '../base/log.ts';
import { OpCode } from '../wire/opcode.ts';
import type { AuditEvent } from './audit-events.ts';
import { RequestJournal } from './request-journal.ts';
import { auth, create, multi, pathOnly, pathVersion, pathWatch, setAcl, setData } from './testing/bodies.ts';
import { TestServer } from './testing/test-server.ts';

const EPHEMERAL = 1;
const SEQUENTIAL = 2;

function serverWithJournal(slowMs = 0) {
  const events: AuditEvent[] = [];
  const lines: string[] = [];
  const clock = { nowMs: 0 };
  const journal = new RequestJournal(
    {
      audit: (event) => events.push(event),
      serverUser: 'zookeeper',
      slowMs,
      log: { ...SILENT_LOG, warn: (_component, line) => lines.push(line) },
    },
    clock,
  );
  const server = new TestServer({ journal });
  /** Both clocks are one. */
  const wait = (ms: number): void => {
    server.nowMs += ms;
    clock.nowMs = server.nowMs;
  };
  /** What was told since the last call, as `operation znode type acl result`. */
  const told = (): string[] =>
    events
      .splice(0)
      .map(({ operation, znode, znodeType, acl, result }) =>
        [operation, znode, znodeType, acl, result].filter((part) => part !== null).join(' '),
      );
  return { server, events, lines, told, wait };
}

function made(path: string, flags: number) {
  const acl = [{ perms: 31, scheme: 'world', id: 'anyone' }];
  return { type: OpCode.create, request: { path, data: null, acl, flags } };
}

await t.test('changes are told of as Apache tells of them, done or refused; reads are not', async (t) => {
  const { server, told } = serverWithJournal();
  const client = server.connect();
  client.send(OpCode.create, create('/a', 'x'));
  client.send(OpCode.create2, create('/a/s-', 'x', SEQUENTIAL));
  client.send(OpCode.create, create('/a', 'x'));
  client.send(OpCode.setData, setData('/a', 'y'));
  client.send(OpCode.setData, setData('/a', 'y', 9));
  client.send(OpCode.setAcl, setAcl('/a', [{ perms: 31, scheme: 'world', id: 'anyone' }]));
  client.send(OpCode.delete, pathVersion('/none'));
  client.send(OpCode.delete, pathVersion('/a/s-0000000000'));
  client.send(OpCode.getData, pathWatch('/a'));
  client.send(OpCode.sync, pathOnly('/a'));
  server.settle();
  t.same(told(), [
    'create /a persistent success',
    'create /a/s-0000000000 persistent_sequential success',
    'create /a persistent failure',
    'setData /a success',
    'setData /a failure',
    'setAcl /a world:anyone:cdrwa success',
    'delete /none failure',
    'delete /a/s-0000000000 success',
  ]);
});

await t.test('of a multi what was done, or that it was refused', async (t) => {
  const { server, told } = serverWithJournal();
  const client = server.connect();
  client.send(
    OpCode.multi,
    multi([
      made('/m', 0),
      made('/m/s-', SEQUENTIAL),
      { type: OpCode.setData, request: { path: '/m', data: null, version: -1 } },
      { type: OpCode.check, request: { path: '/m', version: 1 } },
      { type: OpCode.delete, request: { path: '/m/s-0000000000', version: -1 } },
    ]),
  );
  client.send(OpCode.multi, multi([made('/n', 0), made('/n', 0)]));
  server.settle();
  t.same(told(), [
    'create /m persistent success',
    'create /m/s-0000000000 persistent_sequential success',
    'setData /m success',
    'delete /m/s-0000000000 success',
    'multiOperation failure',
  ]);
});

await t.test('who did it: all that the connection is, its session and its address', async (t) => {
  const { server, events } = serverWithJournal();
  const client = server.connect({}, '10.1.2.3');
  client.send(OpCode.auth, auth('digest', 'ann:pass'), -4);
  client.send(OpCode.create, create('/a', 'x', 0, [{ perms: 31, scheme: 'auth', id: '' }]));
  client.send(OpCode.setAcl, setAcl('/a', [{ perms: 3, scheme: 'digest', id: 'bob:hash' }]));
  server.settle();
  const session = `0x${client.session.toString(16)}`;
  t.match(events, [
    { session, user: '10.1.2.3,ann', ip: '10.1.2.3', znode: '/a' },
    { session, acl: 'digest:bob:*:rw' },
  ]);
  t.notMatch(JSON.stringify(events), /pass|hash/);
});

await t.test('what a session held goes with it, and is told of as the server’s own doing', async (t) => {
  const { server, events } = serverWithJournal();
  const client = server.connect();
  client.send(OpCode.create, create('/e', '', EPHEMERAL));
  client.send(OpCode.closeSession);
  server.settle();
  t.match(events.at(-1), {
    session: `0x${client.session.toString(16)}`,
    user: 'zookeeper',
    ip: null,
    operation: 'ephemeralZNodeDeletionOnSessionCloseOrExpire',
    znode: '/e',
    result: 'success',
  });
});

await t.test('who asks and goes away at once is told of all the same', async (t) => {
  const { server, told } = serverWithJournal();
  const client = server.connect();
  server.holdsFlushes = true;
  client.send(OpCode.create, create('/a', 'x'));
  server.settle();
  client.connection.onClosed();
  server.holdsFlushes = false;
  server.settle();
  t.same(told(), ['create /a persistent success']);
});

await t.test('what takes long is told of, with what it waited for, and not too often', async (t) => {
  const { server, lines, wait } = serverWithJournal(100);
  const client = server.connect();
  client.send(OpCode.create, create('/quick', 'x'));
  server.settle();
  server.holdsFlushes = true;
  client.send(OpCode.setData, setData('/quick', 'y'));
  client.send(OpCode.getData, pathWatch('/quick'));
  server.settle();
  wait(250);
  server.log.complete();
  server.settle();
  const session = `0x${client.session.toString(16)}`;
  t.same(lines.splice(0), [
    `250 ms for setData /quick, of session ${session} from 127.0.0.1: it waited for the log, and a quorum where there is one`,
    `250 ms for getData /quick, of session ${session} from 127.0.0.1: it waited for the requests before it`,
  ]);

  for (let i = 0; i < 100; i++) client.send(OpCode.setData, setData('/quick', 'y'));
  server.settle();
  wait(1000);
  server.log.complete();
  server.settle();
  t.equal(lines.splice(0).length, 10);
  client.send(OpCode.setData, setData('/quick', 'y'));
  server.settle();
  wait(1000);
  server.log.complete();
  server.settle();
  t.match(lines, [/; 90 more were not told of$/]);
});
