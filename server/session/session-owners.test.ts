import t from 'tap';
import type { SessionId } from '../base/session-id.ts';
import { SessionOwners } from './session-owners.ts';

const SESSION = 7n as SessionId;

await t.test('who comes first after an election has the session', async (t) => {
  const owners = new SessionOwners();
  const [first, second] = [{}, {}];
  t.ok(owners.isOwner(SESSION, first));
  t.notOk(owners.isOwner(SESSION, second));
  t.ok(owners.isOwner(SESSION, first), 'and keeps it');
});

await t.test('a session that moves is the new connection’s alone', async (t) => {
  const owners = new SessionOwners();
  const [first, second] = [{}, {}];
  owners.claim(SESSION, first);
  owners.claim(SESSION, second);
  t.notOk(owners.isOwner(SESSION, first));
  t.ok(owners.isOwner(SESSION, second));
});

await t.test('it is the connection that counts, and not whose it is', async (t) => {
  const owners = new SessionOwners();
  owners.claim(SESSION, { server: 2 });
  t.notOk(owners.isOwner(SESSION, { server: 2 }));
});

await t.test('of a session that is gone nothing is kept', async (t) => {
  const owners = new SessionOwners();
  owners.claim(SESSION, {});
  owners.remove(SESSION);
  t.ok(owners.isOwner(SESSION, {}));
});
