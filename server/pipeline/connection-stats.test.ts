import t from 'tap';
import type { Zxid } from '../base/zxid.ts';
import { OpCode } from '../wire/opcode.ts';
import { ConnectionStats } from './connection-stats.ts';

const z = (zxid: number): Zxid => zxid as Zxid;

await t.test('latencies are whole ms, and the numbers of pings are not the client’s', async (t) => {
  const stats = new ConnectionStats();
  t.match(stats, { lastOpcode: null, lastCxid: -1, lastZxid: -1, minLatencyMs: 0, averageLatencyMs: 0 });
  stats.onAnswered(OpCode.create, 7, z(5), 100, 103.9);
  stats.onAnswered(OpCode.ping, -2, z(6), 200, 200.5);
  t.match(stats, {
    lastOpcode: OpCode.ping,
    lastCxid: 7,
    lastZxid: 6,
    lastResponseAtMs: 200.5,
    lastLatencyMs: 0,
    minLatencyMs: 0,
    maxLatencyMs: 3,
    averageLatencyMs: 1.5,
  });
});

await t.test('a reset forgets everything', async (t) => {
  const stats = new ConnectionStats();
  stats.received = 4;
  stats.onAnswered(OpCode.create, 7, z(5), 100, 109);
  stats.reset();
  stats.onAnswered(OpCode.getData, 8, z(6), 200, 205);
  t.match(stats, { received: 0, sent: 0, minLatencyMs: 5, maxLatencyMs: 5, averageLatencyMs: 5 });
});
