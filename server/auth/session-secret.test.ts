import t from 'tap';
import type { SessionId } from '../base/session-id.ts';
import { Secret } from '../secret.ts';
import { isSessionPassword, sessionPassword } from '../session/session-password.ts';
import { createPasswordOf } from './session-secret.ts';

const ID = 0x1000_0242_d980_0000n as SessionId;
const NEGATIVE = -5n as SessionId;

await t.test('without a secret the passwords are Apache’s', async (t) => {
  t.equal(createPasswordOf(null), sessionPassword);
});

await t.test('with one they are known to who has it', async (t) => {
  const [ours, same, other] = ['a secret', 'a secret', 'another'].map((text) =>
    createPasswordOf(new Secret(text)),
  ) as [typeof sessionPassword, typeof sessionPassword, typeof sessionPassword];
  for (const id of [ID, NEGATIVE]) {
    const password = ours(id);
    t.equal(password.length, 16);
    t.same(same(id), password);
    t.notSame(other(id), password);
    t.notSame(sessionPassword(id), password);
    t.ok(isSessionPassword(id, password, same));
    t.notOk(isSessionPassword(id, password, other));
    t.notOk(isSessionPassword(id, sessionPassword(id), ours));
  }
  t.notSame(ours(ID), ours(NEGATIVE));
});
