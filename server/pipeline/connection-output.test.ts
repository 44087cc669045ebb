import * as fc from 'fast-check';
import t from 'tap';
import { FakeSocket } from '../base/testing/fake-socket.ts';
import { POOLED_BYTES_MAX } from '../tree/value-pool.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { ConnectionOutput } from './connection-output.ts';

const MIB = 1 << 20;

function valueOf(seed: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + seed * 7) & 0xff);
}

/** A frame as it would be if all of it were copied. */
function plainFrame(number: number, value: Uint8Array): Uint8Array {
  const writer = new JuteWriter();
  const at = writer.reserveInt();
  writer.int(number);
  writer.buffer(value);
  writer.int(-number);
  writer.endFrame(at);
  return writer.bytes();
}

function writeFrame(output: ConnectionOutput, number: number, value: Uint8Array): number {
  const writer = output.beginFrame();
  writer.int(number);
  output.value(value);
  writer.int(-number);
  return output.endFrame();
}

await t.test('whatever is written and however slowly it is taken, it arrives as it was written', async () => {
  const bytes = fc.oneof(fc.nat(200), fc.constantFrom(POOLED_BYTES_MAX, POOLED_BYTES_MAX + 1, MIB / 2, MIB));
  const step = fc.oneof(
    { weight: 4, arbitrary: bytes.map((length) => ({ type: 'frame' as const, length })) },
    fc.constantFrom({ type: 'flush' as const }, { type: 'take' as const }, { type: 'stall' as const }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, isEnded) => {
      const socket = new FakeSocket('127.0.0.1');
      const output = new ConnectionOutput(socket);
      const expected: Uint8Array[] = [];
      const arrived: Uint8Array[] = [];
      for (const [i, { type, ...rest }] of steps.entries()) {
        if (type === 'frame') {
          const value = valueOf(i, (rest as { length: number }).length);
          const plain = plainFrame(i, value);
          expected.push(plain.slice());
          if (writeFrame(output, i, value) !== plain.length - 4) return false;
        } else if (type === 'flush') output.flush();
        else if (type === 'take') arrived.push(socket.take());
        else socket.isStalled = !socket.isStalled;
      }
      if (isEnded) output.flushAll();
      for (let turn = 0; output.gathered + output.waiting > 0 && turn < 200; turn++) {
        output.flush();
        arrived.push(socket.take());
      }
      arrived.push(socket.take());
      return Buffer.concat(arrived).equals(Buffer.concat(expected));
    }),
    { numRuns: 60 },
  );
});

await t.test('a large value is sent from where it lies, and a small one is copied', async (t) => {
  const socket = new FakeSocket('127.0.0.1');
  const written: Uint8Array[] = [];
  const write = socket.write.bind(socket);
  socket.write = (bytes: Uint8Array): boolean => {
    written.push(bytes);
    return write(bytes);
  };
  const output = new ConnectionOutput(socket);
  const large = valueOf(1, POOLED_BYTES_MAX + 1);
  const small = valueOf(2, POOLED_BYTES_MAX);
  writeFrame(output, 1, large);
  writeFrame(output, 2, small);
  while (output.flush());
  t.ok(written.some(({ buffer }) => buffer === large.buffer));
  t.notOk(written.some(({ buffer }) => buffer === small.buffer));
});

await t.test('a turn sends a slice, and who takes nothing is not sent for', async (t) => {
  const socket = new FakeSocket('127.0.0.1');
  const output = new ConnectionOutput(socket);
  for (let i = 0; i < 8; i++) writeFrame(output, i, valueOf(i, MIB));
  t.ok(output.flush(), 'more for the next turn');
  t.ok(socket.take().length <= 256 << 10);
  socket.isStalled = true;
  while (output.flush());
  t.ok(socket.queuedBytes < MIB, `${socket.queuedBytes} bytes are queued of 8 MiB`);
  t.notOk(output.flush(), 'nothing for a turn to do until some is taken');
});
