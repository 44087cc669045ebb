import t from 'tap';
import { Secret } from '../secret.ts';
import type { AuthConfig } from './auth-config.ts';
import { createAuthSchemes } from './auth-schemes.ts';
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './digest-algorithm.ts';
import { DIGEST_PROVIDER, digestId } from './digest.ts';

const DEFAULTS: AuthConfig = {
  digestEnabled: true,
  digestAlgorithm: 'SHA1',
  superDigest: null,
  ensembleNames: null,
  sasl: { users: null, superUsers: new Set(), anyUser: null, keepsFailed: false },
  hasSaslAcls: false,
  requiredSchemes: null,
  x509SuperUser: null,
};
const bytes = (text: string) => new TextEncoder().encode(text);

await t.test('a digest id is Apache’s', async (t) => {
  t.equal(digestId('bob:pw'), 'bob:ikIaKsbtGweaHnb/jKn7OHqbunM=');
  t.equal(digestId('u:p'), 'u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=');
  t.match(digestId('nobody'), /^nobody:/, 'without a colon the whole text is the user');
});

await t.test('every algorithm on offer exists and gives an id of its own', async (t) => {
  const names = Object.keys(DIGEST_ALGORITHMS) as DigestAlgorithm[];
  const ids = names.map((name) => digestId('bob:pw', name));
  t.equal(new Set(ids).size, names.length - 1, 'SHA1 has two names');
  t.equal(digestId('bob:pw', 'SHA-1'), digestId('bob:pw', 'SHA1'));
});

await t.test('an auth packet of scheme digest adds the digest id, whatever the password', async (t) => {
  const schemes = createAuthSchemes(DEFAULTS);
  t.same(schemes.authenticate('digest', bytes('bob:pw'), '1.2.3.4'), [
    { scheme: 'digest', id: 'bob:ikIaKsbtGweaHnb/jKn7OHqbunM=' },
  ]);
  t.equal(schemes.authenticate('digest', bytes('bob:other'), '1.2.3.4')?.length, 1);
});

await t.test('the super user’s password adds super as well, and no other does', async (t) => {
  const schemes = createAuthSchemes({ ...DEFAULTS, superDigest: new Secret(digestId('super:secret')) });
  t.match(schemes.authenticate('digest', bytes('super:secret'), '::1'), [
    { scheme: 'super' },
    { scheme: 'digest' },
  ]);
  t.match(schemes.authenticate('digest', bytes('super:guess'), '::1'), [{ scheme: 'digest' }]);
});

await t.test('schemes without an auth packet refuse it', async (t) => {
  const schemes = createAuthSchemes(DEFAULTS);
  for (const scheme of ['world', 'auth', 'super', 'sasl', 'x509', 'ensemble', 'constructor', '']) {
    t.equal(schemes.authenticate(scheme, bytes('a:b'), '::1'), null, scheme);
  }
});

await t.test('switched off, digest is neither a scheme of ACLs nor of auth packets', async (t) => {
  const schemes = createAuthSchemes({ ...DEFAULTS, digestEnabled: false });
  t.equal(schemes.authenticate('digest', bytes('a:b'), '::1'), null);
  t.notOk(schemes.providers.has('digest'));
});

await t.test('a digest ACL id is valid when Java’s split finds two parts', async (t) => {
  for (const id of ['a:b', ':b', 'a:b:']) t.equal(DIGEST_PROVIDER.isValid(id), true, id);
  for (const id of ['', 'a', 'a:', ':', 'a:b:c', 'a::b']) t.equal(DIGEST_PROVIDER.isValid(id), false, id);
  t.equal(DIGEST_PROVIDER.matches('a:b', 'a:b'), true);
  t.equal(DIGEST_PROVIDER.matches('a:b', 'a:c'), false);
});

await t.test('a connection starts with its address as Java prints it', async (t) => {
  const schemes = createAuthSchemes(DEFAULTS);
  const addresses = [
    ['::ffff:10.1.2.3', '10.1.2.3'],
    ['127.0.0.1', '127.0.0.1'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
  ] as const;
  for (const [node, java] of addresses)
    t.same(schemes.idsOfConnection({ remoteAddress: node }), [{ scheme: 'ip', id: java }]);
});

await t.test('world has one id, and everybody has it', async (t) => {
  const world = createAuthSchemes(DEFAULTS).providers.get('world');
  t.equal(world?.isValid('anyone'), true);
  t.equal(world?.isValid('Anyone'), false);
  t.equal(world?.matches('', 'anyone'), true);
});

await t.test(
  'who means another ensemble is cut off, and who means this one is nobody more for it',
  async (t) => {
    const named = createAuthSchemes({ ...DEFAULTS, ensembleNames: new Set(['ours', 'früher']) });
    for (const name of ['ours', 'früher', ''])
      t.same(named.authenticate('ensemble', bytes(name), '::1'), [], name);
    for (const name of ['theirs', 'Ours', 'ours,früher'])
      t.equal(named.authenticate('ensemble', bytes(name), '::1'), 'cut-off', name);
    const nameless = createAuthSchemes({ ...DEFAULTS, ensembleNames: new Set() });
    t.same(nameless.authenticate('ensemble', bytes('theirs'), '::1'), []);
    t.equal(named.providers.get('ensemble')?.isValid('ours'), false);
  },
);

await t.test('who must authenticate is admitted with one of the schemes asked for', async (t) => {
  const ip = { scheme: 'ip', id: '::1' };
  const digest = { scheme: 'digest', id: 'a:b' };
  t.equal(createAuthSchemes(DEFAULTS).admits([]), true);
  const strict = createAuthSchemes({ ...DEFAULTS, requiredSchemes: new Set(['digest', 'x509']) });
  t.equal(strict.admits([ip]), false);
  t.equal(strict.admits([ip, digest]), true);
});
