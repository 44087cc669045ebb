import t from 'tap';
import { Secret } from '../secret.ts';
import type { SaslConfig } from './auth-config.ts';
import { beginSasl, createSaslProvider } from './sasl.ts';
import { clientAnswer } from './testing/digest-md5-client.ts';

const CONFIG: SaslConfig = {
  users: new Map([
    ['bob', new Secret('pw')],
    ['root', new Secret('pw')],
  ]),
  superUsers: new Set(['root']),
  anyUser: null,
  keepsFailed: false,
};

function idsOf(user: string) {
  const exchange = beginSasl(CONFIG);
  const challenge = exchange?.answer(new Uint8Array(0));
  t.same(challenge?.ids, [], 'who is challenged is nobody yet');
  const token = clientAnswer(challenge?.token ?? new Uint8Array(0), { user, password: 'pw' });
  return exchange?.answer(Buffer.from(token))?.ids;
}

await t.test('a user has its id, and super besides if the configuration says so', (t) => {
  t.same(idsOf('bob'), [{ scheme: 'sasl', id: 'bob' }]);
  t.same(idsOf('root'), [
    { scheme: 'sasl', id: 'root' },
    { scheme: 'super', id: '' },
  ]);
  t.equal(beginSasl({ ...CONFIG, users: null }), null);
  t.end();
});

await t.test('an ACL names what can be a principal', (t) => {
  const provider = createSaslProvider(CONFIG);
  for (const id of ['bob', 'bob/h', 'bob@R', 'bob/h@R', 'a/b/c', '', '@R', '/@'])
    t.equal(provider.isValid(id), true, id);
  for (const id of ['@@', 'bob@R@S', 'bob/h/i@R', 'bob@R/h', 'bob@R@'])
    t.equal(provider.isValid(id), false, id);
  t.equal(provider.isValid(`${'a'.repeat(500_000)}@@`), false);
  t.equal(provider.isAuthenticated, true);
  t.end();
});

await t.test('an ACL is for who it names, for the user super, and for all where it says the word', (t) => {
  const strict = createSaslProvider(CONFIG);
  t.equal(strict.matches('bob', 'bob'), true);
  t.equal(strict.matches('super', 'bob'), true);
  for (const [id, aclId] of [
    ['bob', 'Bob'],
    ['bob', 'bob@R'],
    ['bob', 'super'],
    ['bob', 'anyone'],
    ['bob', ''],
  ] as const) {
    t.equal(strict.matches(id, aclId), false, `${id} ${aclId}`);
  }
  const open = createSaslProvider({ anyUser: 'anyone' });
  t.equal(open.matches('bob', 'anyone'), true);
  t.equal(open.matches('bob', 'ann'), false);
  t.end();
});
