import t from 'tap';
import { RefusingConnection } from './refusing-connection.ts';
import { VirtualTime } from '../zab/testing/virtual-time.ts';
import { FakeSocket } from '../base/testing/fake-socket.ts';
import { connectFrame } from './testing/test-client.ts';

const TIMEOUT_MS = 10_000;
const ANSWER = Uint8Array.of(1, 2, 3);

function connected() {
  const socket = new FakeSocket('client');
  const asked: string[] = [];
  const time = new VirtualTime();
  const connection = new RefusingConnection(socket, {
    answerWord: (bytes) => {
      const text = Buffer.from(bytes).toString('latin1');
      asked.push(text);
      if (text.startsWith('stmk') && text.length < 6) return 'incomplete';
      return /^(ruok|stmk)/.test(text) ? [ANSWER] : 'no-word';
    },
    timers: time,
    timeoutMs: TIMEOUT_MS,
  });
  return { socket, connection, asked, time };
}

await t.test(
  'who wants a session is closed without an answer, so that it looks for another server',
  async (t) => {
    const { socket, connection } = connected();
    connection.onBytes(connectFrame({}));
    t.equal(socket.state, 'destroyed');
    t.equal(socket.take().length, 0);
  },
);

await t.test('a four-letter word is answered, in whatever pieces it comes', async (t) => {
  for (const pieces of [['ruok'], ['r', 'uo', 'k'], ['ruok\n'], ['r', '', 'uok\nmore']]) {
    const { socket, connection, asked } = connected();
    for (const piece of pieces) connection.onBytes(Buffer.from(piece));
    connection.onBytes(Buffer.from('ruok'));
    t.same([...socket.take()], [...ANSWER]);
    t.equal(socket.state, 'ended');
    t.equal(asked.length, 1);
  }
});

await t.test('of a word with more behind it all is waited for', async (t) => {
  const { socket, connection, asked } = connected();
  for (const piece of ['stm', 'k', '1', '2']) connection.onBytes(Buffer.from(piece));
  t.same(asked, ['stmk', 'stmk1', 'stmk12']);
  t.same([...socket.take()], [...ANSWER]);
  t.equal(socket.state, 'ended');
});

await t.test('what comes after the end is nobody’s', async (t) => {
  const { socket, connection, asked } = connected();
  connection.onBytes(Buffer.from('ru'));
  connection.onClosed();
  connection.onBytes(Buffer.from('ok'));
  t.same(asked, []);
  t.equal(socket.take().length, 0);
});

await t.test('who does not say what he wants is not waited for', async (t) => {
  for (const said of ['', 'ruo', 'ruok', null]) {
    const { socket, connection, time } = connected();
    if (said === null) connection.onClosed();
    else connection.onBytes(Buffer.from(said));
    const before = socket.state;
    time.runUntil(TIMEOUT_MS - 1);
    t.equal(socket.state, before);
    time.runUntil(TIMEOUT_MS + 1);
    t.equal(socket.state, said === '' || said === 'ruo' ? 'destroyed' : before, `${said}`);
  }
});
