import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { SILENT_LOG } from './base/log.ts';
import { parseServerConfig } from './config.ts';
import { connectFrame } from './pipeline/testing/test-client.ts';
import { startServer } from './server.ts';

const CYCLES = 10_000;
const AT_ONCE = 100;
const HEAP_GROWTH_MAX = 8 << 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Ends in the middle of what the number says: at once, in the handshake, behind it. */
function abandon(port: number, number: number): Promise<void> {
  const frame = connectFrame({});
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(frame.subarray(0, [0, 3, 20, frame.length][number % 4]));
      if (number % 4 === 3) socket.once('data', () => socket.destroy());
      else socket.resetAndDestroy();
    });
    // A reset may come back to who has caused it.
    socket.on('error', () => undefined);
    socket.once('close', () => resolve());
  });
}

function kept(): { readonly resources: number; readonly heap: number } {
  collectGarbage();
  return { resources: process.getActiveResourcesInfo().length, heap: process.memoryUsage().heapUsed };
}

await t.test(`${CYCLES} connections that are abandoned leave nothing behind`, async (t) => {
  const text = `dataDir=${t.testdir()}\nclientPort=0\nclientPortAddress=127.0.0.1\nmaxClientCnxns=0\ntickTime=100\n`;
  const config = parseServerConfig(text, { file: 'zoo.cfg', cwd: '/' });
  const server = await startServer(config, { log: SILENT_LOG, onFailure: (error) => t.error(error) });
  t.teardown(() => server.stop());
  const cycle = async (from: number, count: number): Promise<void> => {
    for (let n = from; n < from + count; n += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => abandon(server.clientPort, n + i)));
    }
    // The sessions that were made are gone when their time is over.
    while (server.sessionCount > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await cycle(0, CYCLES / 10);
  const before = kept();
  await cycle(0, CYCLES);
  const after = kept();
  t.ok(
    after.resources <= before.resources + 2,
    `${before.resources} and ${after.resources} handles and timers`,
  );
  t.ok(after.heap - before.heap < HEAP_GROWTH_MAX, `the heap has grown by ${after.heap - before.heap} bytes`);
});
