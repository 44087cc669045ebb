import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { OpCode } from '../../server/wire/opcode.ts';
import { Perms } from '../../server/wire/records/acl.ts';
import { EventType } from '../../server/wire/records/watcher-event.ts';
import type { WatcherEvent } from '../../server/wire/records/watcher-event.ts';
import { createEmbedded } from '../ensemble/embedded.ts';
import { Client } from './client.ts';
import type { KeeperError } from './keeper-errors.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (data: Uint8Array | null): string => new TextDecoder().decode(data ?? new Uint8Array(0));

const ensemble = await createEmbedded({ directory: t.testdir({}) });
await ensemble.start();
t.teardown(() => ensemble.stop());
const { connectString } = ensemble;

function nextEvent(watch: (watcher: (event: WatcherEvent) => void) => void): Promise<WatcherEvent> {
  return new Promise((resolve) => watch(resolve));
}

await t.test('a znode is created, read, written, listed and deleted', async (t) => {
  const client = await Client.connect({ connectString });
  const created = await client.create('/a', bytes('one'));
  t.equal(created.path, '/a');
  t.equal((await client.setData('/a', bytes('two'), 0)).version, 1);
  const { data, stat } = await client.getData('/a');
  t.equal(text(data), 'two');
  t.equal(stat.czxid, created.stat.czxid);
  const sequential = await client.create('/a/n-', null, { flags: 2 });
  t.match(sequential.path, /^\/a\/n-\d{10}$/);
  t.same((await client.getChildren('/a')).children, [sequential.path.slice(3)]);
  t.equal((await client.getData(sequential.path)).data, null, 'no data is not empty data');
  t.equal(await client.sync('/a'), '/a');
  await client.delete(sequential.path);
  await client.delete('/a', 1);
  t.equal(await client.exists('/a'), null);
  t.ok(client.lastZxidSeen >= stat.mzxid);
  await client.close();
});

await t.test('requests made together are answered each with its own, refusals among them', async (t) => {
  const client = await Client.connect({ connectString });
  const answers = await Promise.allSettled([
    client.create('/p', bytes('x')),
    client.create('/p'),
    client.getData('/p'),
    client.getData('/q'),
    client.setData('/p', null, 7),
    client.delete('/p'),
  ]);
  const outcomes = answers.map((a) => (a.status === 'rejected' ? (a.reason as KeeperError).code : 'ok'));
  t.same(outcomes, ['ok', -110, 'ok', -101, -103, 'ok']);
  await t.rejects(client.getData('/q'), { message: 'NoNode for /q' });
  await client.close();
});

await t.test('a multi is all or nothing', async (t) => {
  const client = await Client.connect({ connectString });
  const acl = [{ perms: Perms.all, scheme: 'world', id: 'anyone' }];
  const create = (path: string) =>
    ({ type: OpCode.create, request: { path, data: null, acl, flags: 0 } }) as const;
  const failed = await client.multi([
    create('/m'),
    { type: OpCode.check, request: { path: '/none', version: 0 } },
  ]);
  t.same(
    failed.map((result) => result.type),
    [OpCode.error, OpCode.error],
  );
  t.equal(await client.exists('/m'), null);
  const done = await client.multi([
    create('/m'),
    { type: OpCode.delete, request: { path: '/m', version: -1 } },
  ]);
  t.same(
    done.map((result) => result.type),
    [OpCode.create, OpCode.delete],
  );
  await client.close();
});

await t.test('an identity opens what an ACL closes to others', async (t) => {
  const owner = await Client.connect({ connectString });
  const other = await Client.connect({ connectString });
  await owner.addAuth('digest', 'bob:pw');
  await owner.create('/secret', bytes('s'), { acl: [{ perms: Perms.all, scheme: 'auth', id: '' }] });
  t.match((await owner.getAcl('/secret')).acl, [{ scheme: 'digest', id: /^bob:/ }]);
  await t.rejects(other.getData('/secret'), { code: -102 });
  await owner.setAcl('/secret', [{ perms: Perms.read, scheme: 'world', id: 'anyone' }]);
  t.equal(text((await other.getData('/secret')).data), 's');
  await t.rejects(owner.addAuth('nonsense', 'x'), { code: -115 });
  await other.close();
  owner.destroy();
});

await t.test('a watch fires once, and an exists on a missing znode watches for it', async (t) => {
  const client = await Client.connect({ connectString });
  const created = nextEvent((watcher) => void client.exists('/w', watcher));
  await client.create('/w');
  t.match(await created, { type: EventType.nodeCreated, path: '/w' });

  let events = 0;
  const changed = nextEvent((watcher) => {
    void client.getData('/w', (event) => {
      events++;
      watcher(event);
    });
  });
  await client.setData('/w', bytes('1'));
  t.match(await changed, { type: EventType.nodeDataChanged, path: '/w' });
  await client.setData('/w', bytes('2'));
  t.equal(events, 1);

  const children = nextEvent((watcher) => void client.getChildren('/', watcher));
  await client.delete('/w');
  t.match(await children, { type: EventType.nodeChildrenChanged, path: '/' });
  await client.close();
});

await t.test('paths below a chroot are seen without it', async (t) => {
  const plain = await Client.connect({ connectString });
  await plain.create('/jail');
  const jailed = await Client.connect({ connectString: `${connectString}/jail` });
  t.equal((await jailed.create('/x')).path, '/x');
  const gone = nextEvent((watcher) => void jailed.exists('/x', watcher));
  await plain.delete('/jail/x');
  t.match(await gone, { type: EventType.nodeDeleted, path: '/x' });
  t.same((await jailed.getChildren('/')).children, []);
  await jailed.close();
  await plain.close();
});

await t.test(
  'after a lost connection the session goes on, with its watches and its identities',
  async (t) => {
    const client = await Client.connect({ connectString });
    const writer = await Client.connect({ connectString });
    await client.addAuth('digest', 'eve:pw');
    await client.create('/kept', null, { flags: 1 });
    const before = client.session;
    const fired = nextEvent((watcher) => void client.getData('/kept', watcher));
    await client.sync('/');

    const inFlight = client.sync('/');
    client.dropConnection();
    await t.rejects(inFlight, { code: -4 }, 'nobody knows of what was in flight');
    await writer.setData('/kept', bytes('changed while it was away'));
    t.match(await fired, { type: EventType.nodeDataChanged, path: '/kept' });
    t.equal(client.session?.id, before?.id);
    t.equal((await writer.exists('/kept'))?.ephemeralOwner, before?.id);

    await client.close();
    t.equal(await writer.exists('/kept'), null, 'closing the session takes its ephemerals away');
    await t.rejects(client.getData('/'), { code: -4 });
    await writer.close();
  },
);

await t.test('an expired session is the end of its client', async (t) => {
  const first = await Client.connect({ connectString });
  const { session } = first;
  await first.close();
  if (session === undefined) throw new Error('a connected client has a session');
  await t.rejects(Client.connect({ connectString, session }), { code: -112, name: 'KeeperError' });
});

await t.test('where nobody answers, connecting ends with a sentence', async (t) => {
  const silent = createServer();
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  await t.rejects(Client.connect({ connectString: address, connectTimeoutMs: 50 }), {
    message: `No session with ${address} within 50 ms: does a server run there?`,
  });
  silent.close();
});

await t.test('a server that answers out of turn is left', async (t) => {
  const server = createServer((socket) => {
    socket.once('data', () => {
      // A handshake, and then a reply to a request that was never made.
      socket.write(
        Buffer.from(
          '0000002500000000000027100100000000000001000000100000000000000000000000000000000000',
          'hex',
        ),
      );
      socket.on('data', () => socket.write(Buffer.from('0000001000000063000000000000000000000000', 'hex')));
    });
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await Client.connect({ connectString: `127.0.0.1:${port}` });
  await t.rejects(client.sync('/'), { code: -4 });
  client.destroy();
  server.close();
});
