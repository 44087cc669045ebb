import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../harness/client/client.ts';
import { createEmbedded } from '../harness/ensemble/embedded.ts';
import { undoUnflushed } from '../harness/nemesis/control/account.ts';
import { ServerControls } from '../harness/nemesis/control/server-controls.ts';
import { type FlushLie, imposeVolatileDisk } from '../harness/nemesis/control/volatile-disk.ts';

const NODES = 16;
const KILL_AFTER_ACKS = 400;
const WRITES_IN_FLIGHT = 64;

interface Acknowledged {
  readonly node: string;
  readonly version: number;
}

/**
 * Writes until enough is acknowledged, kills the server in the middle of it, takes away whatever it had not
 * flushed, and returns the acknowledged writes that a restart does not find.
 */
async function lostAfterPowerCut(t: Test, lie: FlushLie | null): Promise<readonly Acknowledged[]> {
  const directory = t.testdir();
  const account = join(directory, 'account');
  const controls = await ServerControls.open();
  const ensemble = await createEmbedded({ directory, ...controls.start(1) });
  t.teardown(async () => {
    await ensemble.stop();
    controls.close();
  });
  await imposeVolatileDisk(controls.server(1), account, lie);
  await ensemble.start();
  const acknowledged = await writeUntilKilled(ensemble.connectString, () => ensemble.kill(1));
  t.comment(`${undoUnflushed(account).bytesLost} bytes lost`);
  await ensemble.restart(1);

  const client = await Client.connect({ connectString: ensemble.connectString });
  const lost: Acknowledged[] = [];
  for (const write of acknowledged) {
    const stat = await client.exists(write.node);
    if (stat === null || stat.version < write.version) lost.push(write);
  }
  await client.close();
  return lost;
}

async function writeUntilKilled(connectString: string, kill: () => Promise<void>): Promise<Acknowledged[]> {
  const client = await Client.connect({ connectString });
  const newest = new Map<string, number>();
  const killed: { at?: Promise<void> } = {};
  let acks = 0;
  const acknowledge = (node: string, version: number): void => {
    newest.set(node, Math.max(version, newest.get(node) ?? 0));
    if (++acks === KILL_AFTER_ACKS) killed.at = kill();
  };
  for (let i = 0; i < NODES; i++) await client.create(`/n${i}`).then(() => acknowledge(`/n${i}`, 0));

  const writer = async (lane: number): Promise<void> => {
    for (let i = lane; killed.at === undefined; i++) {
      const node = `/n${i % NODES}`;
      try {
        acknowledge(node, (await client.setData(node, Buffer.from(`${lane}`))).version);
      } catch {
        // The kill has come: this write may or may not be there.
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: WRITES_IN_FLIGHT }, (_, lane) => writer(lane)));
  await killed.at;
  client.destroy();
  return [...newest].map(([node, version]) => ({ node, version }));
}

await t.test('a power cut at the moment of a kill loses nothing that was acknowledged', async (t) => {
  t.same(await lostAfterPowerCut(t, null), []);
});

await t.test('a server that does not flush is caught', async (t) => {
  const lost = await lostAfterPowerCut(t, 'skipped');
  t.ok(lost.length > 0, `${lost.length} acknowledged writes are gone`);
});

await t.test('a server that answers before its flush has come back is caught', async (t) => {
  const lost = await lostAfterPowerCut(t, 'late');
  t.ok(lost.length > 0, `${lost.length} acknowledged writes are gone`);
});
