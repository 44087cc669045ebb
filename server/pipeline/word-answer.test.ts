import t from 'tap';
import { FakeSocket } from '../base/testing/fake-socket.ts';
import { VirtualTime } from '../zab/testing/virtual-time.ts';
import { RefusingConnection } from './refusing-connection.ts';
import { QUEUED_MAX } from './connection-output.ts';
import { WordAnswer } from './word-answer.ts';
import { LongAnswer } from './testing/long-answer.ts';
import { TICK_MS, TestServer } from './testing/test-server.ts';

const PIECE_BYTES = 32 << 10;
const COUNT = 500;
/** What waits for the network, and the piece that is made next. */
const HELD_MAX = QUEUED_MAX + 2 * PIECE_BYTES;
const TIMEOUT_MS = 10_000;
const WORD = Buffer.from('wchp');

/** Takes what there is, as long as there is something, and lets `next` happen in between. */
function readAll(socket: FakeSocket, next: () => void): Uint8Array {
  const parts: Uint8Array[] = [];
  for (;;) {
    next();
    const part = socket.take();
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
  }
}

await t.test('no more of an answer is made than its reader takes', async (t) => {
  const socket = new FakeSocket('client');
  socket.isStalled = true;
  const long = new LongAnswer(COUNT, PIECE_BYTES);
  const answer = new WordAnswer(socket, long.pieces());
  const read = readAll(socket, () => {
    const madeBefore = long.made;
    while (answer.writeNext() === 'written');
    t.ok(socket.queuedBytes <= HELD_MAX, `${socket.queuedBytes} bytes wait`);
    t.ok((long.made - madeBefore) * PIECE_BYTES <= HELD_MAX);
  });
  t.equal(answer.writeNext(), 'done');
  t.ok(Buffer.compare(read, long.whole()) === 0, 'and it is the whole answer');
});

await t.test('an answer may be nothing', async (t) => {
  const socket = new FakeSocket('client');
  t.equal(new WordAnswer(socket, []).writeNext(), 'done');
  t.same(socket.writes, []);
});

await t.test('a connection is written a piece a turn, and has its end behind the last', async (t) => {
  for (const isStalled of [true, false]) {
    const long = new LongAnswer(COUNT, PIECE_BYTES);
    const server = new TestServer({ answerWord: () => long.pieces() });
    const client = server.open();
    client.socket.isStalled = isStalled;
    client.sendBytes(WORD);
    server.endTurn();
    server.endTurn();
    t.equal(client.socket.writes.length, 2, 'others have turns between the pieces');
    const read = readAll(client.socket, () => {
      client.connection.onDrain();
      server.settle();
      t.ok(!isStalled || client.socket.queuedBytes <= HELD_MAX);
    });
    t.ok(Buffer.compare(read, long.whole()) === 0);
    t.equal(client.socket.state, 'ended');
    t.equal(server.core.connections.size, 0);
  }
});

await t.test('what comes behind the word while it is answered is nobody’s', async (t) => {
  const long = new LongAnswer(3, PIECE_BYTES);
  const server = new TestServer({ answerWord: () => long.pieces() });
  const client = server.open();
  client.sendBytes(WORD);
  server.endTurn();
  client.sendBytes(WORD);
  server.settle();
  t.equal(client.socket.take().length, 3 * PIECE_BYTES);
});

await t.test('who takes some of an answer now and then gets it, and who takes none is closed', async (t) => {
  for (const reads of [true, false]) {
    const long = new LongAnswer(COUNT, PIECE_BYTES);
    const server = new TestServer({ answerWord: () => long.pieces() });
    const client = server.open();
    client.socket.isStalled = true;
    client.sendBytes(WORD);
    server.settle();
    for (let i = 0; i < 6; i++) {
      server.advance(TIMEOUT_MS / 2 + TICK_MS);
      if (!reads) continue;
      client.socket.take();
      client.connection.onDrain();
      server.settle();
    }
    t.equal(client.socket.state, reads ? 'open' : 'destroyed');
    t.equal(server.core.connections.size, reads ? 1 : 0);
    t.ok(long.made < COUNT);
  }
});

await t.test('where nobody is served a long answer is as bounded', async (t) => {
  for (const reads of [true, false]) {
    const long = new LongAnswer(COUNT, PIECE_BYTES);
    const time = new VirtualTime();
    const socket = new FakeSocket('client');
    socket.isStalled = true;
    const connection = new RefusingConnection(socket, {
      answerWord: () => long.pieces(),
      timers: time,
      timeoutMs: TIMEOUT_MS,
    });
    connection.onBytes(WORD);
    if (reads) {
      const read = readAll(socket, () => {
        connection.onDrain();
        time.runUntil(time.nowMs + TIMEOUT_MS / 2);
        t.ok(socket.queuedBytes <= HELD_MAX);
      });
      t.ok(Buffer.compare(read, long.whole()) === 0);
      t.equal(socket.state, 'ended');
    }
    time.runUntil(time.nowMs + TIMEOUT_MS + 1);
    t.equal(socket.state, reads ? 'ended' : 'destroyed');
  }
});
