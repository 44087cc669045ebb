import { ErrorCode } from '../wire/error-code.ts';
import type { Acl } from '../wire/records/acl.ts';
import type { AuthProviders } from './auth-provider.ts';

/** Who a connection is, one of several (protocol §7.1). */
export interface AuthId {
  readonly scheme: string;
  readonly id: string;
}

/** Whether ACLs allow what a connection wants to do (`ZooKeeperServer.checkACL`, protocol §1.7). */
export class AccessControl {
  readonly #providers: AuthProviders;
  readonly #skip: boolean;

  constructor(options: { readonly providers: AuthProviders; readonly skipAcl: boolean }) {
    this.#providers = options.providers;
    this.#skip = options.skipAcl;
  }

  /** `perms`: any of these bits is enough. */
  allows(acls: readonly Acl[] | null, perms: number, ids: readonly AuthId[]): boolean {
    if (this.#skip || acls === null || acls.length === 0) return true;
    for (const id of ids) if (id.scheme === 'super') return true;
    for (const acl of acls) {
      if ((acl.perms & perms) === 0) continue;
      if (acl.scheme === 'world') {
        if (acl.id === 'anyone') return true;
        continue;
      }
      if (this.#matches(acl, ids)) return true;
    }
    return false;
  }

  #matches(acl: Acl, ids: readonly AuthId[]): boolean {
    const provider = this.#providers.get(acl.scheme ?? '');
    if (provider === undefined) return false;
    return ids.some((id) => id.scheme === acl.scheme && provider.matches(id.id, acl.id ?? ''));
  }

  /**
   * The ACL list as it is stored: duplicates removed, `auth` replaced by the caller's identities. A list that
   * may not be stored is an error code (protocol §1.7, "ACL list validation").
   */
  fixUp(acls: readonly Acl[] | null, ids: readonly AuthId[]): readonly Acl[] | ErrorCode {
    if (acls === null || acls.length === 0) return ErrorCode.invalidAcl;
    const fixed: Acl[] = [];
    for (const acl of withoutDuplicates(acls)) {
      if (acl.scheme === 'auth') {
        // Its id means nothing; kazoo sends null for an empty one.
        const own = ids.filter((id) => this.#providers.get(id.scheme)?.isAuthenticated === true);
        if (own.length === 0) return ErrorCode.invalidAcl;
        for (const id of own) fixed.push({ perms: acl.perms, scheme: id.scheme, id: id.id });
      } else if (acl.scheme === null || acl.id === null) {
        return ErrorCode.invalidAcl;
      } else if (acl.scheme === 'world') {
        if (acl.id !== 'anyone') return ErrorCode.invalidAcl;
        fixed.push(acl);
      } else {
        if (this.#providers.get(acl.scheme)?.isValid(acl.id) !== true) return ErrorCode.invalidAcl;
        fixed.push(acl);
      }
    }
    return fixed;
  }
}

function withoutDuplicates(acls: readonly Acl[]): readonly Acl[] {
  if (acls.length === 1) return acls;
  const seen = new Map<string, Acl>();
  for (const acl of acls) seen.set(aclKey(acl), acl);
  return [...seen.values()];
}

/** Injective: lengths stand before what they measure. */
export function aclKey(acl: Acl): string {
  return `${acl.perms}:${acl.scheme?.length ?? -1}:${acl.scheme ?? ''}:${acl.id?.length ?? -1}:${acl.id ?? ''};`;
}
