import assert from 'node:assert/strict';
import type { Row } from './world.ts';

/** What is true of every proxy and its connections, whatever the toxics. */
export const LINK_ROWS: readonly Row[] = [
  {
    claim: 'bytes pass both ways as they are',
    run: async (world) => {
      const [client, server] = await world.connect();
      const sent = Buffer.from(Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 7 + (i >> 11)) & 0xff));
      client.send(sent);
      assert.ok((await server.untilBytes(sent.length)).equals(sent));
      server.send(sent);
      assert.ok((await client.untilBytes(sent.length)).equals(sent));
    },
  },
  {
    claim: 'a client whose upstream refuses is accepted and closed, and the listener stays',
    run: async (world) => {
      await world.upstream.close();
      for (let i = 0; i < 3; i++) {
        const client = await world.dial();
        await client.untilEvent('end');
        assert.deepEqual(client.events, ['end']);
      }
      assert.equal((await world.toxiproxy.get('p')).enabled, true);
    },
  },
  {
    claim: 'the end of one direction is the end of both: nothing is left of a half-close',
    run: async (world) => {
      const [client, server] = await world.connect();
      client.send('last words').socket.end();
      await server.untilEvent('end');
      await client.untilEvent('end');
      assert.equal(server.text, 'last words');
      const [otherClient, otherServer] = await world.connect();
      otherServer.send('farewell').socket.end();
      await otherClient.untilEvent('end');
      await otherServer.untilEvent('end');
      assert.equal(otherClient.text, 'farewell');
    },
  },
  {
    claim: 'a connection that is reset ends at the other side without a reset',
    run: async (world) => {
      const [client, server] = await world.connect();
      client.socket.resetAndDestroy();
      await server.untilEvent('end');
      assert.deepEqual(server.events, ['end']);
    },
  },
  {
    claim: 'a proxy that is disabled refuses connections and closes those there are, and listens there again',
    run: async (world) => {
      const [client, server] = await world.connect();
      assert.equal((await world.toxiproxy.disable('p')).listen, world.listen);
      await client.untilEvent('end');
      await server.untilEvent('end');
      await assert.rejects(world.dial(), { code: 'ECONNREFUSED' });
      assert.equal((await world.toxiproxy.enable('p')).listen, world.listen);
      const [again, other] = await world.connect();
      again.send('x');
      await other.untilBytes(1);
    },
  },
  {
    claim: 'a proxy that is removed refuses connections and closes those there are',
    run: async (world) => {
      const [client, server] = await world.connect();
      await world.toxiproxy.remove('p');
      await client.untilEvent('end');
      await server.untilEvent('end');
      await assert.rejects(world.dial(), { code: 'ECONNREFUSED' });
    },
  },
  {
    claim: 'another upstream drops the connections, and keeps the port and the toxics',
    run: async (world) => {
      await world.add('limit_data', { bytes: 3 });
      const [client] = await world.connect();
      const other = await world.listenElsewhere();
      const changed = await world.toxiproxy.update('p', { upstream: other.address });
      await client.untilEvent('end');
      assert.equal(changed.listen, world.listen);
      assert.equal((await world.toxiproxy.toxics('p')).length, 1);
      const again = await world.dial();
      const server = await other.accepted();
      again.send('abcdef');
      await server.untilEvent('end');
      assert.equal(server.text, 'abc');
    },
  },
  {
    claim: 'the same upstream and listener again leave connections alone',
    run: async (world) => {
      const [client, server] = await world.connect();
      await world.toxiproxy.update('p', { upstream: world.upstream.address, listen: world.listen });
      client.send('x');
      await server.untilBytes(1);
    },
  },
  {
    claim: 'a toxic acts in its direction alone',
    run: async (world) => {
      await world.add('timeout', { timeout: 0 });
      const [client, server] = await world.connect();
      client.send('dropped');
      server.send('heard');
      await client.untilBytes(5);
      await world.settle();
      assert.deepEqual([client.text, server.text], ['heard', '']);
    },
  },
  {
    claim: 'a toxic acts on connections that are there, from then on',
    run: async (world) => {
      const [client, server] = await world.connect();
      client.send('before');
      await server.untilBytes(6);
      await world.add('limit_data', { bytes: 3 });
      client.send('afterwards');
      await server.untilEvent('end');
      assert.equal(server.text, 'beforeaft');
    },
  },
  {
    claim: 'a stream passes toxics in the order in which they were added',
    run: async (world) => {
      // The other way round, the second would let 8 bytes through.
      await world.add('limit_data', { bytes: 4 }, { name: 'first' });
      await world.add('limit_data', { bytes: 8 }, { name: 'second' });
      const [client, server] = await world.connect();
      client.send('0123456789');
      await server.untilEvent('end');
      assert.equal(server.text, '0123');
    },
  },
  {
    claim: 'POST /reset takes toxics off connections that are there, and what they held arrives',
    run: async (world) => {
      const [client, server] = await world.connect();
      await world.add('latency', { latency: 10_000_000 });
      client.send('held');
      await world.settle();
      assert.equal(server.text, '');
      await world.toxiproxy.reset();
      client.send(' and more');
      await server.untilBytes(13);
      assert.equal(server.text, 'held and more');
    },
  },
  {
    claim: 'toxics that come and go under traffic lose nothing',
    run: async (world) => {
      const [client, server] = await world.connect();
      const sent = Buffer.from(Uint8Array.from({ length: 400_000 }, (_, i) => (i * 11 + (i >> 9)) & 0xff));
      for (let round = 0; round < 20; round++) {
        client.send(sent.subarray(round * 20_000, (round + 1) * 20_000));
        await world.add('latency', { latency: 2 }, { name: `latency-${round}` });
        if (round % 2 === 0) await world.add('slicer', { average_size: 5000 }, { name: `slicer-${round}` });
        if (round % 3 === 2) await world.remove(`latency-${round - 1}`);
        if (round % 4 === 3) await world.remove(`slicer-${round - 1}`);
      }
      assert.ok((await server.untilBytes(sent.length)).equals(sent));
    },
  },
  {
    claim: 'a toxicity of 0 is for no connection, 1 is for all of them, and between is for some',
    run: async (world) => {
      const affected = async (toxicity: number): Promise<number> => {
        await world.add('limit_data', { bytes: 1 }, { toxicity });
        let count = 0;
        for (let i = 0; i < 40; i++) {
          const [client, server] = await world.connect();
          client.send('xx');
          await Promise.race([server.untilBytes(2), server.untilEvent('end')]);
          if (server.text === 'x') count++;
          client.socket.destroy();
        }
        await world.remove('limit_data_upstream');
        return count;
      };
      assert.equal(await affected(0), 0);
      assert.equal(await affected(1), 40);
      const some = await affected(0.5);
      assert.ok(some > 0 && some < 40, String(some));
    },
  },
  {
    claim: 'the coin of a connection and a toxic is thrown once',
    differs:
      'the real one throws it again whenever a neighbour comes or goes; ours does not, for the seed to count',
    run: async (world) => {
      await world.add('timeout', { timeout: 0 }, { toxicity: 0.5 });
      const [client, server] = await world.connect();
      const seen = new Set<boolean>();
      // Of the real one, half of all tries show it; ours has to stand some.
      const rounds = world.kind === 'real' ? 64 : 12;
      for (let round = 0; round < rounds && seen.size < 2; round++) {
        const before = server.received.length;
        client.send('x');
        await world.settle();
        seen.add(server.received.length > before);
        await world.add('noop');
        await world.remove('noop_upstream');
      }
      assert.equal(seen.size, world.kind === 'real' ? 2 : 1);
    },
  },
];
