import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Client } from '../client/client.ts';
import { ExistingEnsemble } from './existing.ts';
import { createNull, NULL_LOG } from './null.ts';

/** More than any test here writes: the rest of the file is preallocated. */
const WRITTEN_MAX = 64 * 1024;

/** Whether that is in the log of a null server. */
function isLogged(log: string, mark: string): boolean {
  const file = openSync(log, 'r');
  try {
    const written = Buffer.alloc(WRITTEN_MAX);
    readSync(file, written, 0, WRITTEN_MAX, 0);
    return written.includes(mark);
  } finally {
    closeSync(file);
  }
}

await t.test(
  'a null server answers in order with constants, and its zxid rises with each write',
  async (t) => {
    const ensemble = await createNull({ directory: t.testdir({}) });
    await ensemble.start();
    t.teardown(() => ensemble.stop());
    t.type(ensemble.servers[0]?.pid, 'number');
    const client = await Client.connect({ connectString: ensemble.connectString });
    const [first, read, second] = await Promise.all([
      client.setData('/x', new Uint8Array(10)),
      client.getData('/x'),
      client.setData('/x', new Uint8Array(10)),
    ]);
    t.equal(read.data?.length, 1024);
    t.equal(second.mzxid, first.mzxid + 1);
    await client.close();
  },
);

await t.test('with flushes, what was written is in the file before the answer is here', async (t) => {
  const directory = t.testdir({});
  const ensemble = await createNull({ directory, flushes: true });
  await ensemble.start();
  t.teardown(() => ensemble.stop());
  const client = await Client.connect({ connectString: ensemble.connectString });
  const marks = ['first mark', 'second mark', 'third mark'];
  const answers = marks.map(async (mark) => {
    await client.setData('/x', new TextEncoder().encode(mark));
    t.ok(isLogged(join(directory, '1', NULL_LOG), mark), mark);
    // A read behind a write waits with it, and comes behind it.
    return (await client.getData('/x')).stat.version;
  });
  t.same(await Promise.all(answers), [1, 1, 1]);
  await client.close();
});

await t.test('of three, a write is in the files of a majority before its answer is here', async (t) => {
  const directory = t.testdir({});
  const ensemble = await createNull({ directory, flushes: true, serverCount: 3 });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  t.same([...(await ensemble.roles()).values()], ['follower', 'follower', 'leader']);
  const isIn = (id: number, mark: string): boolean => isLogged(join(directory, String(id), NULL_LOG), mark);
  for (const { id, clientAddress } of ensemble.servers) {
    const client = await Client.connect({ connectString: clientAddress });
    const marks = Array.from({ length: 30 }, (_, index) => `mark ${id}-${index}.`);
    const answers = marks.map(async (mark) => {
      await client.setData('/x', new TextEncoder().encode(mark));
      t.ok([1, 2, 3].filter((server) => isIn(server, mark)).length >= 2, mark);
      return (await client.getData('/x')).stat.version;
    });
    t.same(
      await Promise.all(answers),
      marks.map(() => 1),
      `by server ${id}`,
    );
    await client.close();
  }
});

await t.test('of three, a write waits as long as a majority is silent', async (t) => {
  const directory = t.testdir({});
  const ensemble = await createNull({ directory, flushes: true, serverCount: 3 });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const connectString = ensemble.servers[2]?.clientAddress ?? '';
  const [writer, reader] = await Promise.all([
    Client.connect({ connectString }),
    Client.connect({ connectString }),
  ]);
  await ensemble.pause(1);
  await writer.setData('/x', new TextEncoder().encode('two of three'));
  await ensemble.pause(2);
  let isAnswered = false;
  const answer = writer.setData('/x', new TextEncoder().encode('one of three')).then(() => {
    isAnswered = true;
  });
  const log = join(directory, '3', NULL_LOG);
  while (!isLogged(log, 'one of three')) await reader.getData('/x');
  // Many times as long as the leader's own flush.
  for (let i = 0; i < 200; i++) await reader.getData('/x');
  t.equal(isAnswered, false);
  await ensemble.resume(1);
  await answer;
  await ensemble.resume(2);
  await Promise.all([writer.close(), reader.close()]);
});

await t.test('a killed one can be started again on the same port', async (t) => {
  const ensemble = await createNull({ directory: t.testdir({}) });
  await ensemble.start();
  t.teardown(() => ensemble.stop());
  const { connectString } = ensemble;
  await ensemble.kill(1);
  t.equal(ensemble.servers[0]?.pid, null);
  await ensemble.restart(1);
  await (await Client.connect({ connectString })).close();
  await t.rejects(ensemble.kill(2), /no server 2; there are 1/);
});

await t.test('an existing ensemble is reached, and not touched', async (t) => {
  const theirs = await createNull({ directory: t.testdir({}) });
  await theirs.start();
  t.teardown(() => theirs.stop());
  const existing = new ExistingEnsemble(`${theirs.connectString},[::1]:1`);
  t.same(
    existing.servers.map(({ clientAddress }) => clientAddress),
    [theirs.connectString, '[::1]:1'],
  );
  await existing.start();
  await existing.stop();
  t.type(theirs.servers[0]?.pid, 'number', 'stopping it stops nothing');
  await t.rejects(existing.kill(1), /Cannot kill server 1 of .*: it was not started by this run/);
  await t.rejects(existing.restart(1), /Cannot restart server 1/);
});
