import t from 'tap';
import { makeZxid, type Zxid } from '../../base/zxid.ts';
import { JuteWriter } from '../jute-writer.ts';
import { readConfigText, writeNewLeader } from './new-leader.ts';
import { PacketDecoder } from './packet-decoder.ts';
import {
  beginPacket,
  EMPTY_PACKET_BYTES,
  endPacket,
  NO_ZXID,
  PacketType,
  writeEmptyPacket,
  writePacket,
} from './quorum-packet.ts';
import { JuteReader } from '../jute-reader.ts';

const EPOCH_1 = makeZxid(1, 0);

function hexOf(write: (writer: JuteWriter) => void): string {
  const writer = new JuteWriter(1);
  write(writer);
  return Buffer.from(writer.bytes()).toString('hex');
}

function bytesOf(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}

await t.test('the packets of protocol §9 are written as they stand there', (t) => {
  t.equal(
    hexOf((writer) => writePacket(writer, PacketType.leaderInfo, EPOCH_1, bytesOf('00010000'))),
    bytesOf('00000011 0000000100000000 00000004 00010000 ffffffff').toString('hex'),
  );
  const upToDate = hexOf((writer) => writeEmptyPacket(writer, PacketType.upToDate, NO_ZXID));
  t.equal(upToDate, '0000000cffffffffffffffffffffffffffffffff');
  t.equal(upToDate.length, 2 * EMPTY_PACKET_BYTES);
  t.end();
});

await t.test('data written in place is the same packet as data handed over', (t) => {
  const zxid = makeZxid(3, 0xfffffffe);
  const ids = [
    { scheme: 'ip', id: '127.0.0.1' },
    { scheme: 'digest', id: 'é:x' },
  ];
  for (const authinfo of [null, [], ids]) {
    for (const data of [bytesOf(''), bytesOf('07'), bytesOf('0102030405060708090a')]) {
      const whole = hexOf((writer) => writePacket(writer, PacketType.request, zxid, data, authinfo));
      const inPlace = hexOf((writer) => {
        const begun = beginPacket(writer, PacketType.request, zxid);
        for (const byte of data) writer.byte(byte);
        endPacket(writer, begun, authinfo);
      });
      t.equal(inPlace, whole);
    }
  }
  t.equal(
    hexOf((writer) => writePacket(writer, PacketType.commit, zxid, null)),
    hexOf((writer) => writeEmptyPacket(writer, PacketType.commit, zxid)),
  );
  t.end();
});

await t.test('authinfo stands behind the data, a list of schemes and ids', (t) => {
  const ids = [{ scheme: 'ip', id: '::1' }];
  t.equal(
    hexOf((writer) => writePacket(writer, PacketType.request, NO_ZXID, bytesOf('aa'), ids)),
    bytesOf('00000001 ffffffffffffffff 00000001 aa 00000001 00000002 6970 00000003 3a3a31').toString('hex'),
  );
  t.end();
});

await t.test('a NEWLEADER carries the configuration as bare UTF-8', (t) => {
  const text = 'server.1=zoo-é:1:2:participant;3\nversion=0';
  const writer = new JuteWriter();
  writeNewLeader(writer, 0x500000000 as Zxid, text);
  t.equal(
    Buffer.from(writer.bytes()).toString('hex'),
    hexOf((writer) => writePacket(writer, PacketType.newLeader, 0x500000000 as Zxid, Buffer.from(text))),
  );
  const decoder = new PacketDecoder(1000);
  decoder.push(writer.bytes());
  t.ok(decoder.next());
  const reader = new JuteReader();
  decoder.openData(reader);
  t.equal(readConfigText(reader), text);
  t.end();
});
