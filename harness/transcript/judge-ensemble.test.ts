import { join } from 'node:path';
import t, { type Test } from 'tap';
import { unsaidIn } from '../checkers/self-test/explained.ts';
import { CreateMode } from '../../server/wire/records/create.ts';
import { ErrorCode } from '../../server/wire/error-code.ts';
import { Client } from '../client/client.ts';
import { KeeperError } from '../client/keeper-errors.ts';
import { createEmbedded } from '../ensemble/embedded.ts';
import { leaderOf } from '../ensemble/ensemble.ts';
import type { ProcessEnsemble } from '../ensemble/process-ensemble.ts';
import { readTogether } from '../recipes/multi-read.ts';
import { committedHistory } from './committed-history.ts';
import { happeningsIn } from './happenings.ts';
import { type Evidence, judgeTranscript } from './judge-transcript.ts';
import { recordingTo } from './recording-stream.ts';
import { readServerLog } from './server-log.ts';
import { BROKEN } from './testing/broken-promises.ts';
import { readTranscript } from './transcript-reader.ts';
import { TranscriptWriter } from './transcript-writer.ts';

interface Recording {
  readonly ensemble: ProcessEnsemble;
  readonly file: string;
  readonly connect: (client: number, server?: number) => Promise<Client>;
}

/** Three servers, what clients do with them, and the judgement on all of it. */
async function judged(t: Test, act: (recording: Recording) => Promise<void>) {
  const directory = t.testdir({ servers: {} });
  const ensemble = await createEmbedded({
    directory: join(directory, 'servers'),
    serverCount: 3,
    // However slow the machine, no session of the test's expires.
    config: { tickTime: '200', maxSessionTimeout: '60000' },
  });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const file = join(directory, 'clients.transcript');
  const writer = new TranscriptWriter(file, () => performance.now() * 1e6);
  await act({
    ensemble,
    file,
    connect: (client, server) =>
      Client.connect({
        connectString:
          server === undefined ? ensemble.connectString : (ensemble.servers[server]?.clientAddress ?? ''),
        sessionTimeoutMs: 60_000,
        open: recordingTo(writer, client),
      }),
  });
  await ensemble.stop();
  await writer.close();
  const { records, isWhole } = readTranscript(file);
  const logs = await Promise.all(ensemble.servers.map(({ id, dataDir }) => readServerLog(id, dataDir)));
  return {
    happenings: happeningsIn(records),
    isWhole,
    committed: committedHistory(logs),
    hasApacheServers: false,
  };
}

/** Until it is done: what becomes of the attempts that fail is for the judge. */
async function insist(act: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await act();
      return;
    } catch (error) {
      if (error instanceof KeeperError && error.code === ErrorCode.sessionExpired) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

await t.test('what clients of a right ensemble are told is what it has committed', async (t) => {
  const evidence = await judged(t, async ({ ensemble, connect }) => {
    const clients = await Promise.all([connect(0, 0), connect(1, 1), connect(2, 2), connect(3)]);
    const [first, second, third, roaming] = clients;
    const events: string[] = [];
    await first.create('/a', Buffer.from('1'));
    await second.sync('/');
    await second.getData('/a', ({ path }) => events.push(path));
    await third.create('/a/e', null, { flags: CreateMode.ephemeralSequential });
    await roaming.multi([
      { type: 5, request: { path: '/a', data: Buffer.from('2'), version: 0 } },
      { type: 13, request: { path: '/a', version: 1 } },
    ]);
    t.equal((await readTogether(second, ['/a', '/nothing']))[1], null);
    await t.rejects(roaming.multi([{ type: 13, request: { path: '/nothing', version: -1 } }]).then(refuse));
    await t.rejects(first.setData('/a', null, 0));
    await t.rejects(first.delete('/a'));
    await second.sync('/');
    t.same(events, ['/a']);

    const leader = leaderOf(await ensemble.roles()) ?? 1;
    await ensemble.kill(leader);
    await insist(() => roaming.setData('/a', Buffer.from('3')));
    await ensemble.restart(leader);
    for (const client of clients) {
      await insist(async () => {
        await client.sync('/a');
        await client.getData('/a');
        await client.getChildren('/a');
      });
    }
    for (const client of clients) await client.close();
  });
  const result = judgeTranscript(evidence);
  t.same(result.anomalies, []);
  t.equal(result.verdict, 'valid');
  t.ok(result.opsChecked > 25, `${result.opsChecked} replies and events`);
  t.ok(evidence.happenings.some(({ type }) => type === 'event'));

  await t.test('and what they have not is seen', async (t) => {
    const acked = evidence.happenings.flatMap((each) =>
      each.type === 'reply' && each.exchange.op?.f === 'setData' && each.exchange.reply?.err === 0
        ? [each.exchange.reply.zxid]
        : [],
    );
    t.ok(acked.length > 0);
    const { txns, ...rest } = evidence.committed;
    const lossy = { ...rest, txns: txns.filter(({ header }) => header.zxid !== acked.at(-1)) };
    t.match(judgeTranscript({ ...evidence, committed: lossy }).counts, { 'wrong write': Number });
  });

  await t.test('as is each part of a multiRead that shows another state', async (t) => {
    const read = evidence.happenings.find(
      (each) => each.type === 'reply' && each.exchange.op?.f === 'multiRead',
    );
    if (read?.type !== 'reply' || read.exchange.reply === null) throw new Error('nobody asked');
    const { reply } = read.exchange;
    const { body } = reply;
    // Of the first part: its type and the length of its data. Of the second: its error, before the end.
    for (const at of [12, 16, body.length - 10]) {
      const other = body.slice();
      other[at] = (other[at] ?? 0) ^ 1;
      read.exchange.reply = { ...reply, body: other };
      t.match(judgeTranscript(evidence).counts, { 'wrong read': 1 }, `byte ${at}`);
    }
    read.exchange.reply = reply;
    t.equal(judgeTranscript(evidence).verdict, 'valid');
  });

  await t.test('and every other broken promise, with what shows it', (t) => breakEach(t, evidence));
});

async function breakEach(t: Test, evidence: Evidence): Promise<void> {
  for (const [name, { shownBy, change }] of Object.entries(BROKEN)) {
    const found = judgeTranscript(change(evidence));
    const finding = found.anomalies.find((anomaly) => anomaly.name === name);
    t.equal(finding?.ops.length, shownBy, name, { found: found.counts });
    t.same(unsaidIn(found), [], name);
  }
}

function refuse(results: readonly { readonly type: number }[]): void {
  if (results.some(({ type }) => type === -1)) throw new Error('refused');
}
