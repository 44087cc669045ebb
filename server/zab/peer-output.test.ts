import t from 'tap';
import { FakeSocket } from '../base/testing/fake-socket.ts';
import { PeerOutput } from './peer-output.ts';

await t.test('a turn’s packets go out in one piece, in order', async (t) => {
  const socket = new FakeSocket('peer');
  const output = new PeerOutput(socket);
  output.flush();
  t.same(socket.writes, [], 'nothing to say, nothing written');
  output.writer.int(1);
  output.writer.int(2);
  output.flush();
  output.writer.int(3);
  output.flush();
  t.same(socket.writes, [8, 4]);
  t.same([...socket.take()], [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]);
});

await t.test('what the network has not taken is not written over', async (t) => {
  const socket = new FakeSocket('peer');
  socket.isStalled = true;
  const output = new PeerOutput(socket);
  for (let i = 1; i <= 3; i++) {
    output.writer.int(i);
    output.flush();
  }
  output.writer.int(4);
  t.equal(output.backlogBytes, 16, 'written and not taken, and not written yet');
  t.same([...socket.take()], [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]);
  t.equal(output.backlogBytes, 4);
});

await t.test('a buffer that one large turn has grown is not kept', async (t) => {
  const output = new PeerOutput(new FakeSocket('peer'));
  output.writer.raw(new Uint8Array(5 << 20));
  output.flush();
  t.ok(output.writer.capacity < 1 << 20);
  output.writer.raw(new Uint8Array(1 << 20));
  const { writer } = output;
  output.flush();
  t.equal(output.writer, writer, 'an ordinary one is');
});
