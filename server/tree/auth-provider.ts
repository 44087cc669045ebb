/**
 * One authentication scheme as ACL checks see it (protocol §7.1): pure functions of two texts. How a connection
 * comes by an id is the shell's business.
 */
export interface AuthProvider {
  readonly scheme: string;
  /**
   * Whether holding an id of this scheme proves who one is. An ACL entry of scheme `auth` becomes one entry for
   * each such id of the connection; `ip` and `world` prove nothing.
   */
  readonly isAuthenticated: boolean;
  /** Whether an ACL entry of this scheme may carry `id`; the reply to one that may not is InvalidACL. */
  isValid(id: string): boolean;
  /** Whether a connection that holds `id` is meant by an ACL entry that says `aclId`. */
  matches(id: string, aclId: string): boolean;
}

/**
 * By scheme. `auth` is not among them, it is replaced before an ACL is stored; nor is `super`, which no ACL may
 * name and which passes every check.
 */
export type AuthProviders = ReadonlyMap<string, AuthProvider>;
