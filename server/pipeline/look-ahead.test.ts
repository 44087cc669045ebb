import * as fc from 'fast-check';
import t from 'tap';
import { DataTree } from '../tree/data-tree.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode } from '../wire/opcode.ts';
import { LookAhead } from './look-ahead.ts';

function lookAhead(): LookAhead {
  const tree = new DataTree({ digestEnabled: true });
  tree.createSystemNodes();
  return new LookAhead(tree);
}

function at(bytes: Uint8Array, position = 0, end = bytes.length): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return lookAhead().at(view, bytes, position, end);
}

function framesOf(...paths: string[]): Uint8Array {
  const writer = new JuteWriter(64);
  for (const [xid, path] of paths.entries()) {
    writer.int(4 + 4 + 4 + path.length + 1);
    writer.int(xid);
    writer.int(OpCode.exists);
    writer.string(path);
    writer.bool(false);
  }
  return new Uint8Array(writer.bytes());
}

await t.test('so many whole requests with a path, and no more than eight', (t) => {
  t.equal(at(framesOf('/zookeeper')), 1);
  t.equal(at(framesOf('/zookeeper', '/', '/nobody', '/b')), 4);
  t.equal(at(framesOf(...new Array<string>(20).fill('/zookeeper'))), 8);
  const two = framesOf('/a', '/b');
  t.equal(at(two, two.length / 2), 1);
  for (let end = 0; end < two.length; end++) t.equal(at(two, 0, end), end < two.length / 2 ? 0 : 1);
  t.end();
});

await t.test('what can be no request with a path is passed over', (t) => {
  t.equal(at(new Uint8Array(0)), 0);
  t.equal(at(framesOf('')), 0);
  t.equal(at(new Uint8Array(100).fill(0xff)), 0);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), fc.nat(200), (bytes, a, b) => {
      const [position, end] = [Math.min(a, bytes.length), Math.min(b, bytes.length)];
      const count = at(bytes, position, end);
      return count >= 0 && count <= 8;
    }),
  );
  t.end();
});
