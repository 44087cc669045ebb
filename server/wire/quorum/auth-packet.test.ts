import t from 'tap';
import { WireError } from '../wire-error.ts';
import { authPacket, authPacketLength, AuthStatus, isAuthPacket, readAuthPacket } from './auth-packet.ts';

/** As Apache 3.9.5 writes it: magic, status, length, token. */
const GOLDEN = Buffer.from('5f2435013501edccffffffff00000003616263', 'hex');

await t.test('packets are Apache’s, and their length is known as soon as it can be', async (t) => {
  const packet = { status: AuthStatus.error, token: Buffer.from('abc') };
  t.same(Buffer.from(authPacket(packet)), GOLDEN);
  const read = readAuthPacket(GOLDEN);
  t.equal(read.status, AuthStatus.error);
  t.same(Buffer.from(read.token), packet.token);
  for (let length = 0; length <= GOLDEN.length; length++) {
    const beginning = GOLDEN.subarray(0, length);
    t.equal(isAuthPacket(beginning), length < 8 ? 'unknown' : true);
    t.equal(authPacketLength(beginning), length < 8 ? 8 : length < 16 ? 16 : GOLDEN.length);
  }
  const nothing = Buffer.from('5f2435013501edcc00000000ffffffff', 'hex');
  t.equal(authPacketLength(nothing), 16);
  t.equal(readAuthPacket(nothing).token.length, 0);
});

await t.test('what is none is refused', async (t) => {
  const learnerInfo = Buffer.from('0000000b0000000000000000', 'hex');
  t.equal(isAuthPacket(learnerInfo), false);
  t.throws(() => authPacketLength(learnerInfo), WireError);
  t.throws(() => authPacketLength(Buffer.from('5f2435013501edcc000000007fffffff', 'hex')), WireError);
  t.throws(() => readAuthPacket(Buffer.from('5f2435013501edcc0000000200000000', 'hex')), WireError);
});
