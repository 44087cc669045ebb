import t from 'tap';
import { ErrorCode } from '../wire/error-code.ts';
import { AccessControl, type AuthId } from './acl.ts';
import type { AuthProvider } from './auth-provider.ts';

const provider = (scheme: string, isAuthenticated: boolean): AuthProvider => ({
  scheme,
  isAuthenticated,
  isValid: (id) => id !== 'bad',
  matches: (id, aclId) => id === aclId,
});
const access = new AccessControl({
  providers: new Map([provider('ip', false), provider('digest', true)].map((p) => [p.scheme, p])),
  skipAcl: false,
});
const BOB: AuthId = { scheme: 'digest', id: 'bob:x' };
const HERE: AuthId = { scheme: 'ip', id: '127.0.0.1' };
const SUPER: AuthId = { scheme: 'super', id: '' };

await t.test(
  'the scheme auth stands for the ids that prove who one is, not for ip and not for super',
  async (t) => {
    const acls = [{ perms: 5, scheme: 'auth', id: 'ignored' }];
    t.same(access.fixUp(acls, [HERE, SUPER, BOB]), [{ perms: 5, scheme: 'digest', id: 'bob:x' }]);
    t.equal(access.fixUp(acls, [HERE, SUPER]), ErrorCode.invalidAcl);
    const withoutId = [{ perms: 5, scheme: 'auth', id: null }];
    t.same(access.fixUp(withoutId, [BOB]), [{ perms: 5, scheme: 'digest', id: 'bob:x' }]);
  },
);

await t.test('an ACL that may not be stored is refused, and duplicates are stored once', async (t) => {
  const open = { perms: 31, scheme: 'world', id: 'anyone' };
  t.same(access.fixUp([open, open], []), [open]);
  const bad = [
    null,
    [],
    [{ perms: 1, scheme: 'world', id: 'nobody' }],
    [{ perms: 1, scheme: 'super', id: '' }],
    [{ perms: 1, scheme: 'digest', id: 'bad' }],
    [{ perms: 1, scheme: null, id: 'anyone' }],
    [{ perms: 1, scheme: 'world', id: null }],
  ];
  for (const acls of bad) t.equal(access.fixUp(acls, [BOB]), ErrorCode.invalidAcl, JSON.stringify(acls));
});

await t.test('permissions need a matching id of the entry’s scheme, and super needs nothing', async (t) => {
  const acls = [{ perms: 3, scheme: 'digest', id: 'bob:x' }];
  t.equal(access.allows(acls, 1, [HERE, BOB]), true);
  t.equal(access.allows(acls, 4, [BOB]), false);
  t.equal(access.allows(acls, 1, [HERE, { scheme: 'ip', id: 'bob:x' }]), false);
  t.equal(access.allows(acls, 4, [SUPER]), true);
  t.equal(access.allows([], 4, []), true);
});
