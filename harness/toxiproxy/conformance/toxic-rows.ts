import assert from 'node:assert/strict';
import { assertAtLeastMs, type Row, timedMs, type World } from './world.ts';

/** How long one byte takes from the client to the server. */
async function transitMs(world: World): Promise<number> {
  const [client, server] = await world.connect();
  return timedMs(async () => {
    client.send('x');
    await server.untilBytes(1);
  });
}

/** What each type of toxic does. Of times only lower bounds and ratios are asked. */
export const TOXIC_ROWS: readonly Row[] = [
  {
    claim: 'latency: a chunk is so late',
    run: async (world) => {
      await world.add('latency', { latency: 60 });
      assertAtLeastMs(await transitMs(world), 60);
    },
  },
  {
    claim: 'latency: several add up, one for each direction makes a round trip',
    run: async (world) => {
      await world.add('latency', { latency: 40 }, { name: 'one' });
      await world.add('latency', { latency: 40 }, { name: 'two' });
      await world.add('latency', { latency: 40 }, { stream: 'downstream' });
      const [client, server] = await world.connect();
      const roundTripMs = await timedMs(async () => {
        client.send('x');
        await server.untilBytes(1);
        server.send('y');
        await client.untilBytes(1);
      });
      assertAtLeastMs(roundTripMs, 120);
    },
  },
  {
    claim: 'latency: chunks are on their way at the same time',
    run: async (world) => {
      await world.add('latency', { latency: 200 });
      const [client, server] = await world.connect();
      const allMs = await timedMs(async () => {
        for (let i = 1; i <= 50; i++) {
          client.send('x');
          await new Promise((resolve) => void setImmediate(resolve));
        }
        await server.untilBytes(50);
      });
      assertAtLeastMs(allMs, 200);
      assert.ok(allMs < (50 * 200) / 4, `${allMs} ms for 50 chunks`);
    },
  },
  {
    claim: 'latency: jitter does not change the order',
    run: async (world) => {
      await world.add('latency', { latency: 20, jitter: 20 });
      const [client, server] = await world.connect();
      let sent = '';
      for (let i = 0; i < 100; i++) {
        client.send(`${i},`);
        sent += `${i},`;
        await new Promise((resolve) => void setImmediate(resolve));
      }
      await server.untilBytes(sent.length);
      assert.equal(server.text, sent);
    },
  },
  {
    claim: 'latency: what is held arrives at once when the toxic is changed or removed',
    run: async (world) => {
      await world.add('latency', { latency: 10_000_000 });
      const [client, server] = await world.connect();
      client.send('a');
      await world.settle();
      assert.equal(server.text, '');
      await world.toxiproxy.updateToxic('p', 'latency_upstream', { attributes: { jitter: 1 } });
      await server.untilBytes(1);
      client.send('b');
      await world.settle();
      assert.equal(server.text, 'a');
      await world.remove('latency_upstream');
      await server.untilBytes(2);
    },
  },
  {
    claim:
      'bandwidth: a stream takes its size divided by the rate, and no more than the rate is on its way at once',
    run: async (world) => {
      await world.add('bandwidth', { rate: 100 });
      const [client, server] = await world.connect();
      const startedMs = performance.now();
      client.send(Buffer.alloc(60_000));
      await server.untilBytes(60_000);
      let bytes = 0;
      for (const arrival of server.arrivals) {
        bytes += arrival.bytes;
        // A slice is what flows in 100 ms, and is handed on when they are over.
        assertAtLeastMs(arrival.atMs - startedMs, bytes / 100 - 110);
      }
      assertAtLeastMs(performance.now() - startedMs, 500);
    },
  },
  {
    claim: 'bandwidth: at a rate of 0 nothing flows, and what is held arrives when that is changed',
    run: async (world) => {
      await world.add('bandwidth', { rate: 0 });
      const [client, server] = await world.connect();
      client.send('held');
      await world.settle();
      assert.equal(server.text, '');
      await world.toxiproxy.updateToxic('p', 'bandwidth_upstream', { attributes: { rate: 1000 } });
      await server.untilBytes(4);
    },
  },
  {
    claim: 'slow_close: data passes, the end is so late',
    run: async (world) => {
      await world.add('slow_close', { delay: 80 });
      const [client, server] = await world.connect();
      client.send('x');
      await server.untilBytes(1);
      const endMs = await timedMs(async () => {
        client.socket.end();
        await server.untilEvent('end');
      });
      assertAtLeastMs(endMs, 80);
    },
  },
  {
    claim: 'slow_close: the end comes at once when the toxic is removed',
    run: async (world) => {
      await world.add('slow_close', { delay: 10_000_000 });
      const [client, server] = await world.connect();
      client.socket.end();
      await world.settle();
      assert.deepEqual(server.events, []);
      await world.remove('slow_close_upstream');
      await server.untilEvent('end');
    },
  },
  {
    claim: 'timeout: everything is dropped, and the connection closed after so long without anything',
    run: async (world) => {
      await world.add('timeout', { timeout: 100 });
      // The time begins with the connection.
      const startedMs = performance.now();
      const [client, server] = await world.connect();
      client.send('dropped');
      await Promise.all([client.untilEvent('end'), server.untilEvent('end')]);
      assertAtLeastMs(performance.now() - startedMs, 100);
      assert.deepEqual([client.text, server.text], ['', '']);
    },
  },
  {
    claim: 'timeout: it begins anew with every chunk, so who goes on talking is not closed',
    run: async (world) => {
      await world.add('timeout', { timeout: 500 });
      const [client, server] = await world.connect();
      const startedMs = performance.now();
      let spokenMs = startedMs;
      let silenceMs = 0;
      const talk = setInterval(() => {
        silenceMs = Math.max(silenceMs, performance.now() - spokenMs);
        spokenMs = performance.now();
        client.send('x');
      }, 10);
      while (performance.now() - startedMs < 1500) await world.toxiproxy.version();
      clearInterval(talk);
      // A machine that is so busy that we fell silent ourselves has shown nothing.
      if (silenceMs < 250) assert.deepEqual(server.events, []);
      await server.untilEvent('end');
      assert.equal(server.text, '');
    },
  },
  {
    claim:
      'timeout: at 0 nothing is closed until the toxic is removed, and then every connection, also a spared one',
    run: async (world) => {
      await world.add('timeout', { timeout: 0 });
      const [client, server] = await world.connect();
      client.send('dropped');
      await world.settle();
      assert.deepEqual([server.text, server.events], ['', []]);
      await world.remove('timeout_upstream');
      await Promise.all([client.untilEvent('end'), server.untilEvent('end')]);
      assert.equal(server.text, '');
      await world.add('timeout', { timeout: 0 }, { toxicity: 0 });
      const [spared, other] = await world.connect();
      spared.send('passes');
      await other.untilBytes(6);
      await world.remove('timeout_upstream');
      await spared.untilEvent('end');
    },
  },
  {
    claim: 'reset_peer: a new connection is reset so long after its first chunk, which is discarded',
    run: async (world) => {
      await world.add('reset_peer', { timeout: 60 });
      const [client, server] = await world.connect();
      const startedMs = performance.now();
      client.send('x');
      await Promise.all([client.untilEvent('reset'), server.untilEvent('reset')]);
      assertAtLeastMs(performance.now() - startedMs, 60);
      assert.equal(server.text, '');
    },
  },
  {
    claim: 'reset_peer: a connection that was there before is closed without a reset',
    run: async (world) => {
      const [client, server] = await world.connect();
      // That the upstream has it does not mean yet that the proxy has begun with it.
      client.send('a');
      await server.untilBytes(1);
      await world.add('reset_peer', { timeout: 0 });
      client.send('x');
      await Promise.all([client.untilEvent('end'), server.untilEvent('end')]);
      assert.deepEqual([client.events, server.events, server.text], [['end'], ['end'], 'a']);
    },
  },
  {
    claim: 'reset_peer: also a connection that its toxicity spares ends by a reset',
    run: async (world) => {
      await world.add('reset_peer', { timeout: 0 }, { toxicity: 0 });
      const [client, server] = await world.connect();
      client.send('passes');
      await server.untilBytes(6);
      server.socket.end();
      await client.untilEvent('reset');
    },
  },
  {
    claim: 'slicer: a chunk arrives in pieces of about that size, with the delay between them',
    run: async (world) => {
      await world.add('slicer', { average_size: 20, size_variation: 5, delay: 4000 });
      const [client, server] = await world.connect();
      const sent = Buffer.from(Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff));
      const allMs = await timedMs(async () => {
        client.send(sent);
        await server.untilBytes(1000);
      });
      assert.ok(server.received.equals(sent));
      // At most 25 bytes each: forty slices or more, and a reader that is late may find several at once.
      assert.ok(server.arrivals.length >= 10, `${server.arrivals.length} pieces`);
      assertAtLeastMs(allMs, 39 * 4);
    },
  },
  {
    claim: 'slicer: the rest arrives at once when the toxic is removed',
    run: async (world) => {
      await world.add('slicer', { average_size: 1, size_variation: 0, delay: 1_000_000_000 });
      const [client, server] = await world.connect();
      client.send('abcdef');
      await server.untilBytes(1);
      await world.remove('slicer_upstream');
      await server.untilBytes(6);
      assert.equal(server.text, 'abcdef');
    },
  },
  {
    claim: 'limit_data: exactly so many bytes pass, and the connection is closed',
    run: async (world) => {
      await world.add('limit_data', { bytes: 10 });
      const [client, server] = await world.connect();
      client.send('01234');
      await server.untilBytes(5);
      client.send('56789abcdef');
      await Promise.all([client.untilEvent('end'), server.untilEvent('end')]);
      assert.equal(server.text, '0123456789');
    },
  },
  {
    claim: 'limit_data: what has passed still counts after a change',
    run: async (world) => {
      await world.add('limit_data', { bytes: 100 });
      const [client, server] = await world.connect();
      client.send('01234');
      await server.untilBytes(5);
      await world.toxiproxy.updateToxic('p', 'limit_data_upstream', { attributes: { bytes: 7 } });
      client.send('56789');
      await server.untilEvent('end');
      assert.equal(server.text, '0123456');
    },
  },
  {
    claim: 'limit_data: each connection, and each direction, has a limit of its own',
    run: async (world) => {
      await world.add('limit_data', { bytes: 3 });
      for (let i = 0; i < 3; i++) {
        const [client, server] = await world.connect();
        server.send('not limited');
        await client.untilBytes(11);
        client.send('abcdef');
        await server.untilEvent('end');
        assert.equal(server.text, 'abc');
      }
    },
  },
  {
    claim: 'noop: everything passes',
    run: async (world) => {
      await world.add('noop');
      const [client, server] = await world.connect();
      client.send('passes').socket.end();
      await server.untilEvent('end');
      assert.equal(server.text, 'passes');
    },
  },
];
