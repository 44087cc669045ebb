import { EventEmitter, once } from 'node:events';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../../harness/client/client.ts';
import { createApache, SMALL_JVM_FLAGS } from '../../harness/ensemble/apache.ts';
import { createEmbedded } from '../../harness/ensemble/embedded.ts';
import { findApache } from '../../harness/ensemble/find-apache.ts';
import { fourLetterWord } from '../../harness/ensemble/four-letter-word.ts';
import type { ProcessEnsemble } from '../../harness/ensemble/process-ensemble.ts';
import { readTrees } from '../../harness/ensemble/read-trees.ts';
import { runTools } from './testing/run-tools.ts';

const NODES = 20;
const IN_FLIGHT = 32;
const WRITES = 2500;
/** Several snapshots, and several logs, in the time the load takes. */
const CONFIG = { snapCount: '1000' };

const search = findApache();

/** Writes until told to stop; `reached` resolves when enough are acknowledged. */
async function load(
  connectString: string,
): Promise<{ reached: Promise<unknown>; stop: () => Promise<number> }> {
  const client = await Client.connect({ connectString });
  for (let i = 0; i < NODES; i++) await client.create(`/n${i}`);
  const state = { acks: 0, isOver: false };
  const progress = new EventEmitter();
  const reached = once(progress, 'reached');
  const lanes = Array.from({ length: IN_FLIGHT }, async (_, lane) => {
    for (let i = lane; !state.isOver; i++) {
      await client.setData(`/n${i % NODES}`, Buffer.from(`${lane}-${i}`));
      if (++state.acks === WRITES) progress.emit('reached');
    }
  });
  return {
    reached,
    stop: async () => {
      state.isOver = true;
      await Promise.all(lanes);
      await client.close();
      return state.acks;
    },
  };
}

interface Recorded {
  readonly zxid: string;
  readonly digest: string;
}

/** What a copied log says of the txn in its middle. */
async function recordedIn(log: string): Promise<Recorded> {
  const { out } = await runTools('log', log, '--json');
  const lines = out.trim().split('\n');
  const txns = lines.map((line) => JSON.parse(line) as Partial<Recorded>);
  const recorded = txns.filter((txn): txn is Recorded => txn.zxid !== undefined && txn.digest !== undefined);
  return recorded[Math.floor(recorded.length / 2)] as Recorded;
}

/** The digest of what a server that starts on a restored directory shows. */
async function shownBy(t: Test, ensemble: ProcessEnsemble): Promise<string | null> {
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const { servers } = await readTrees({ servers: ensemble.servers, root: '/' });
  return servers[0]?.digest ?? null;
}

await t.test(
  'backed up under load, wiped and restored to a zxid: the digest is the one logged there, and Apache reads it',
  async (t) => {
    const directory = t.testdir();
    const ensemble = await createEmbedded({ directory: join(directory, 'first'), config: CONFIG });
    t.teardown(() => ensemble.stop());
    await ensemble.start();
    const dataDir = join(directory, 'first', '1', 'data');
    const writes = await load(ensemble.connectString);
    await writes.reached;
    // Several, since any may meet a snapshot, a roll of the log or half a batch.
    const backups: string[] = [];
    for (let i = 0; i < 2; i++) {
      const backup = join(directory, `backup-${i}`);
      const { code, err } = await runTools('backup', dataDir, backup, '--from-oldest');
      t.equal(code, 0, err);
      backups.push(backup);
    }
    t.ok((await writes.stop()) > WRITES);
    await ensemble.stop();
    rmSync(dataDir, { recursive: true });

    const backup = backups.at(-1) as string;
    const { out: check } = await runTools('restore', backup, join(directory, 'whole'));
    t.match(check, /restored to 0x/);
    const names = readdirSync(backup).filter((name) => name.startsWith('log.'));
    t.ok(names.length > 1, `${names.length} logs`);
    const chosen = await recordedIn(join(backup, names[Math.floor(names.length / 2)] as string));

    const restored = await runTools('restore', backup, dataDir, '--zxid', chosen.zxid);
    t.equal(restored.out, `${dataDir}: restored to ${chosen.zxid}, tree digest ${chosen.digest}\n`);
    const checked = await runTools('data', dataDir, '--check');
    t.equal(checked.code, 0, checked.err);
    t.match(checked.out, `state at ${chosen.zxid}: `);
    const ours = await shownBy(t, ensemble);
    t.ok(ours);

    if (!search.found) {
      t.comment(search.why);
      return;
    }
    const second = join(directory, 'second');
    mkdirSync(join(second, '1', 'data'), { recursive: true });
    const again = await runTools('restore', backup, join(second, '1', 'data'), '--zxid', chosen.zxid);
    t.equal(again.code, 0, again.err);
    const apache = await createApache({
      apache: search.apache,
      directory: second,
      jvmFlags: SMALL_JVM_FLAGS,
    });
    t.equal(await shownBy(t, apache), ours, 'both show the same nodes, data and Stats');
    const mntr = await fourLetterWord(apache.servers[0]?.clientAddress ?? '', 'mntr');
    t.match(mntr, /zk_digest_mismatches_count\t0\n/, 'and Apache finds the digests right');
  },
);

function stateOf(text: string): string {
  return /state at 0x[0-9a-f]+: \d+ nodes, digest 0x[0-9a-f]+/.exec(text)?.[0] ?? '';
}

await t.test(
  'one backup restored on every server of an ensemble: it elects a leader and goes on from there',
  async (t) => {
    const directory = t.testdir();
    const first = await createEmbedded({ directory: join(directory, 'first'), serverCount: 3 });
    t.teardown(() => first.stop());
    await first.start();
    const writes = await load(first.connectString);
    await writes.reached;
    const backup = join(directory, 'backup');
    const taken = await runTools('backup', join(directory, 'first', '1', 'data'), backup);
    t.equal(taken.code, 0, taken.err);
    await writes.stop();
    await first.stop();

    const second = await createEmbedded({ directory: join(directory, 'second'), serverCount: 3 });
    t.teardown(() => second.stop());
    const states = new Set<string>();
    for (const id of ['1', '2', '3']) {
      const dataDir = join(directory, 'second', id, 'data');
      const { code, err } = await runTools('restore', backup, dataDir);
      t.equal(code, 0, err);
      states.add(stateOf((await runTools('data', dataDir, '--check')).out));
    }
    t.equal(states.size, 1);
    await second.start();
    const client = await Client.connect({ connectString: second.connectString });
    t.ok((await client.exists('/n0'))?.version);
    await client.create('/after');
    await client.close();
    const { differing, servers } = await readTrees({ servers: second.servers, root: '/' });
    t.equal(differing, 0);
    t.equal(servers.filter(({ digest }) => digest !== null).length, 3);
  },
);

await t.test('purge leaves as many snapshots as it is told, and a server starts on them', async (t) => {
  const directory = t.testdir();
  const ensemble = await createEmbedded({ directory, config: { snapCount: '200' } });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const dataDir = join(directory, '1', 'data');
  const writes = await load(ensemble.connectString);
  await writes.reached;
  await writes.stop();
  await ensemble.stop();
  const before = await runTools('data', dataDir, '--check');
  const purged = await runTools('purge', dataDir, '--keep', '3');
  t.equal(purged.code, 0);
  t.match(purged.out, /Removing file: .*snapshot\./);
  const after = await runTools('data', dataDir, '--check');
  t.equal(after.out.match(/^snapshot\./gm)?.length, 3);
  t.equal(stateOf(after.out), stateOf(before.out));
  await ensemble.start();
});
