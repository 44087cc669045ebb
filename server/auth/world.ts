import type { AuthProvider } from '../tree/auth-provider.ts';

/** Everybody: the one id `anyone`, which every connection has. */
export const WORLD_PROVIDER: AuthProvider = {
  scheme: 'world',
  isAuthenticated: false,
  isValid: (id) => id === 'anyone',
  matches: (_id, aclId) => aclId === 'anyone',
};
