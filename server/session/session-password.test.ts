import t from 'tap';
import type { SessionId } from '../base/session-id.ts';
import { isSessionPassword, sessionPassword } from './session-password.ts';

const ID = 0x1000014c6590000n as SessionId;
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

await t.test('the passwords Apache’s servers hand out (§1.3, §9)', async (t) => {
  t.equal(hexOf(sessionPassword(ID)), '2d796b4bb637b2335308b8f8ef65fc79');
  t.equal(hexOf(sessionPassword(0x1000014c6590007n as SessionId)), '66dc594b961a500233d1ed7a6a003ae1');
});

await t.test('a password is right in all of its bytes or not at all', async (t) => {
  const password = sessionPassword(ID);
  t.equal(isSessionPassword(ID, password), true);
  for (let i = 0; i < 16; i++) {
    const wrong = password.slice();
    wrong[i] = (wrong[i] as number) ^ 1;
    t.equal(isSessionPassword(ID, wrong), false);
  }
  for (const wrong of [null, password.slice(1), new Uint8Array(17), new Uint8Array(16)]) {
    t.equal(isSessionPassword(ID, wrong), false);
  }
});

await t.test('session 0 never has one, and a negative id has its own', async (t) => {
  const zero = 0n as SessionId;
  t.equal(isSessionPassword(zero, sessionPassword(zero)), false);
  const negative = -0x7f00000000000000n as SessionId;
  t.equal(isSessionPassword(negative, sessionPassword(negative)), true);
});
