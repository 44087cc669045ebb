import type { SaslExchange } from '../pipeline/authenticator.ts';
import type { AuthId } from '../tree/acl.ts';
import type { AuthProvider } from '../tree/auth-provider.ts';
import type { SaslConfig } from './auth-config.ts';
import { DigestMd5Exchange, ZOOKEEPER_SERVICE } from './digest-md5.ts';

/** Who may do what any user may; the only name that is more than itself. */
const SUPER_NAME = 'super';
const SUPER: AuthId = { scheme: 'super', id: '' };
/** `service`, `service@realm` or `service/host@realm`, of which an empty part is one, too. */
const PRINCIPAL = /^(?:[^@]*|[^/@]*(?:\/[^/@]*)?@[^/@]*)$/;

/**
 * The `sasl` scheme. `anyUser` is the id that, in an ACL, stands for every user (`letAnySaslUserDoX`); null: none does.
 */
export function createSaslProvider({ anyUser }: Pick<SaslConfig, 'anyUser'>): AuthProvider {
  return {
    scheme: 'sasl',
    isAuthenticated: true,
    isValid: (id) => PRINCIPAL.test(id),
    matches: (id, aclId) => id === aclId || id === SUPER_NAME || aclId === anyUser,
  };
}

/** Null where nobody has a password. */
export function beginSasl({ users, superUsers }: SaslConfig): SaslExchange | null {
  if (users === null) return null;
  const exchange = new DigestMd5Exchange({ users, ...ZOOKEEPER_SERVICE });
  return {
    answer(token) {
      const answer = exchange.answer(token);
      if (answer === null) return null;
      const { user } = answer;
      if (user === null) return { token: answer.token, ids: [] };
      const own: AuthId = { scheme: 'sasl', id: user };
      return { token: answer.token, ids: superUsers.has(user) ? [own, SUPER] : [own] };
    },
  };
}
