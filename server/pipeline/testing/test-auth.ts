import { ErrorCode } from '../../wire/error-code.ts';
import type { AuthId } from '../../tree/acl.ts';
import type { AuthProvider } from '../../tree/auth-provider.ts';

const DIGEST: AuthProvider = {
  scheme: 'digest',
  isAuthenticated: true,
  isValid: (id) => id.includes(':'),
  matches: (id, aclId) => id === aclId,
};
const IP: AuthProvider = {
  scheme: 'ip',
  isAuthenticated: false,
  isValid: () => true,
  matches: (id, aclId) => id === aclId,
};

export const TEST_PROVIDERS = new Map([DIGEST, IP].map((provider) => [provider.scheme, provider]));

/** Of scheme `digest`, whose tokens are ASCII here and stand for themselves. */
export const TEST_AUTHENTICATOR = {
  idsOfConnection: ({ remoteAddress }: { readonly remoteAddress: string }): readonly AuthId[] => [
    { scheme: 'ip', id: remoteAddress },
  ],
  authenticate: (scheme: string, token: Uint8Array): readonly AuthId[] | null =>
    scheme === 'digest' ? [{ scheme, id: String.fromCharCode(...token) }] : null,
  admits: () => true,
  beginSasl: () => null,
  saslFailure: ErrorCode.authFailed,
};
