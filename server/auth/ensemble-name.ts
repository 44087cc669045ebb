import type { AuthProvider } from '../tree/auth-provider.ts';

/**
 * The `ensemble` scheme: a client says which ensemble it means to reach, and is sent away by another one, as after a
 * mistake in DNS. It proves nothing and gives no identity, so no ACL may name it.
 */
export const ENSEMBLE_PROVIDER: AuthProvider = {
  scheme: 'ensemble',
  isAuthenticated: false,
  isValid: () => false,
  matches: () => false,
};

/** Also where the client names none, or this ensemble has none (`EnsembleAuthenticationProvider`). */
export function isEnsembleMeant(auth: Uint8Array, names: ReadonlySet<string>): boolean {
  return auth.length === 0 || names.size === 0 || names.has(new TextDecoder().decode(auth));
}
