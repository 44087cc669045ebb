import t from 'tap';
import { SessionLives } from './session-lives.ts';
import { TIMEOUT_MS, told } from './testing/told.ts';

/** The first session that there is, client 0's. */
const FIRST = 1n;

function livesIn(text: string): { readonly lives: SessionLives; readonly endNs: number } {
  const happenings = told('/r', text);
  return { lives: new SessionLives(happenings), endNs: happenings.at(-1)?.atNs ?? 0 };
}

await t.test('a session is proven alive until its last write or sync was sent, in epochs up to its', (t) => {
  const { lives, endNs } = livesIn('0 create a | epoch 2 | 0 set a x -> 1 | 0 list .');
  t.ok(lives.wasAlive(FIRST, { atNs: 4e6, epoch: 1 }));
  t.ok(lives.wasAlive(FIRST, { atNs: 4e6, epoch: 2 }));
  t.notOk(lives.wasAlive(FIRST, { atNs: 4e6, epoch: 3 }), 'of a later epoch nobody knows');
  t.notOk(lives.wasAlive(FIRST, { atNs: endNs, epoch: 1 }), 'a list proves nothing');
  t.end();
});

await t.test('nor do a write that nobody answered and one that was refused', (t) => {
  const { lives } = livesIn('0 create a | wait 10 | 0 create b ? | 0 create c !-110 | 0 sync !-4');
  t.ok(lives.wasAlive(FIRST, { atNs: 1e6, epoch: 1 }));
  t.notOk(lives.wasAlive(FIRST, { atNs: 5e6, epoch: 1 }));
  t.end();
});

await t.test('an expiry is known in the epoch of what its owner was told next', (t) => {
  t.equal(livesIn('0 create a | 0 lost').lives.knownExpired(FIRST), null);
  t.equal(livesIn('0 create a | 0 expired').lives.knownExpired(FIRST)?.epoch, Infinity);
  t.equal(livesIn('0 create a | 0 expired | epoch 3 | 0 list .').lives.knownExpired(FIRST)?.epoch, 3);
  t.end();
});

await t.test('whoever has a connection is still heard of', (t) => {
  t.equal(livesIn('0 create a').lives.lastContactNs(FIRST), Infinity);
  t.equal(livesIn('0 create a | 0 lost').lives.lastContactNs(FIRST), 3e6);
  t.end();
});

await t.test('a session that was proven alive half a time-out later had its time from then on', (t) => {
  const beats = '| wait 90 | 0 sync | 1 sync '.repeat(8);
  const { lives, endNs } = livesIn(`0 create a ${beats}`);
  const earliestNs = lives.earliestExpiryNs(FIRST, endNs);
  t.ok(earliestNs > TIMEOUT_MS * 1e6, 'at least a time-out after the first that was heard of it');
  t.ok(earliestNs <= endNs + (TIMEOUT_MS / 2) * 1e6, 'the last half proves nothing');
  t.end();
});

await t.test('nothing is known of one that was heard of once, or while the leader was silent', (t) => {
  const once = livesIn('0 create a | 1 sync');
  t.equal(once.lives.earliestExpiryNs(FIRST, once.endNs), -Infinity);
  const silent = livesIn(`0 create a | wait 300 ${'| wait 90 | 0 sync '.repeat(6)}`);
  t.equal(silent.lives.earliestExpiryNs(FIRST, silent.endNs), -Infinity);
  const silentNow = livesIn(`0 create a ${'| wait 90 | 0 sync '.repeat(8)}`);
  t.equal(silentNow.lives.earliestExpiryNs(FIRST, silentNow.endNs + 300e6), -Infinity);
  t.end();
});
