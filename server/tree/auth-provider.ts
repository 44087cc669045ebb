/**
 * One authentication scheme as ACL checks see it (protocol §7.1): pure functions of two texts. How a connection
 * comes by an id is the shell's business.
 */
export interface AuthProvider {
  readonly scheme: string;
  /** Whether an ACL entry of this scheme may carry `id`; the reply to one that may not is InvalidACL. */
  isValid(id: string): boolean;
  /** Whether a connection that holds `id` is meant by an ACL entry that says `aclId`. */
  matches(id: string, aclId: string): boolean;
}

/** The schemes an ACL entry may name, besides `world` and `auth`, which the tree treats itself. */
export type AuthProviders = ReadonlyMap<string, AuthProvider>;
