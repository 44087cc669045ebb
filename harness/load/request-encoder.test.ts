import t from 'tap';
import { Prng } from '../../server/base/prng.ts';
import { JuteWriter } from '../../server/wire/jute-writer.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { writeCreateRequest } from '../../server/wire/records/create.ts';
import { writeDeleteRequest } from '../../server/wire/records/delete.ts';
import { writeExistsRequest } from '../../server/wire/records/exists.ts';
import { writeGetChildrenRequest } from '../../server/wire/records/get-children.ts';
import { writeGetDataRequest } from '../../server/wire/records/get-data.ts';
import { writeSetDataRequest } from '../../server/wire/records/set-data.ts';
import { writeSyncRequest } from '../../server/wire/records/sync.ts';
import { OPEN_ACL } from '../client/client.ts';
import { OutputBuffer } from '../client/output-buffer.ts';
import { ROOT_KEY } from '../history/op.ts';
import { RequestEncoder } from './request-encoder.ts';

const encoder = new RequestEncoder({ root: '/a/bä', valueBytesMax: 300, prng: new Prng(4) });

function frame(xid: number, opCode: number, write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  const start = writer.reserveInt();
  writer.int(xid);
  writer.int(opCode);
  write(writer);
  writer.endFrame(start);
  return writer.bytes();
}

/** What the encoder writes, with 40 bytes of memory to begin with, so that it has to grow. */
function encoded(write: (out: OutputBuffer) => void): Uint8Array {
  const out = new OutputBuffer(40);
  write(out);
  return out.content();
}

/** The value that stands in a frame, cut out of it by its length from the end. */
function valueIn(bytes: Uint8Array, behind: number, size: number): Uint8Array {
  return bytes.subarray(bytes.length - behind - size, bytes.length - behind);
}

await t.test(
  'requests without a value are those of the record writers, for keys of every length',
  async (t) => {
    for (const key of [0, 9, 10, 99, 100, 12_345, 9_999_999, 2 ** 31 - 1]) {
      const path = `/a/bä/k${key}`;
      t.strictSame(
        encoded((out) => encoder.getData(out, 1, key)),
        frame(1, OpCode.getData, (writer) => writeGetDataRequest(writer, { path, watch: false })),
      );
      t.strictSame(
        encoded((out) => encoder.exists(out, 2 ** 31 - 1, key)),
        frame(2 ** 31 - 1, OpCode.exists, (writer) => writeExistsRequest(writer, { path, watch: false })),
      );
      t.strictSame(
        encoded((out) => encoder.delete(out, 3, key)),
        frame(3, OpCode.delete, (writer) => writeDeleteRequest(writer, { path, version: -1 })),
      );
    }
    t.strictSame(
      encoded((out) => encoder.getRootChildren(out, 4)),
      frame(4, OpCode.getChildren2, (writer) =>
        writeGetChildrenRequest(writer, { path: '/a/bä', watch: false }),
      ),
    );
    t.strictSame(
      encoded((out) => encoder.syncRoot(out, 5)),
      frame(5, OpCode.sync, (writer) => writeSyncRequest(writer, { path: '/a/bä' })),
    );
  },
);

await t.test('a value begins with its identity, whatever its size', async (t) => {
  for (const size of [8, 9, 300]) {
    const value = { process: 0xfffff, sequence: 0xfffffffe, bytes: size };
    const set = encoded((out) => encoder.setData(out, 6, 42, value));
    const data = valueIn(set, 4, size);
    t.strictSame(
      set,
      frame(6, OpCode.setData, (writer) =>
        writeSetDataRequest(writer, { path: '/a/bä/k42', data, version: -1 }),
      ),
    );
    const identity = new DataView(data.buffer, data.byteOffset);
    t.same([identity.getUint32(0), identity.getUint32(4)], [0xfffff, 0xfffffffe]);
  }
});

await t.test('a create gives everyone all rights, at a key and at the root', async (t) => {
  const value = { process: 1, sequence: 2, bytes: 20 };
  for (const [key, path] of [
    [42, '/a/bä/k42'],
    [ROOT_KEY, '/a/bä'],
  ] as const) {
    const create = encoded((out) => encoder.create(out, 7, key, value));
    const data = valueIn(create, 31 - 4 + 4, 20);
    t.strictSame(
      create,
      frame(7, OpCode.create2, (writer) =>
        writeCreateRequest(writer, { path, data, acl: OPEN_ACL, flags: 0 }),
      ),
    );
  }
});

await t.test('requests follow one another in one buffer', async (t) => {
  const both = encoded((out) => {
    encoder.getData(out, 1, 1);
    encoder.delete(out, 2, 2);
  });
  const first = encoded((out) => encoder.getData(out, 1, 1));
  const second = encoded((out) => encoder.delete(out, 2, 2));
  t.strictSame(both, new Uint8Array([...first, ...second]));
});
