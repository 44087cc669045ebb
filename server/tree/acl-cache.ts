import { unreachable } from '../base/assert.ts';
import type { Acl } from '../wire/records/acl.ts';
import { aclKey } from './acl.ts';

/** The ACL of the system nodes, which is not in the table: open to everybody (protocol §3.3). */
export const OPEN_ACL_ID = -1;

const OPEN_ACL: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }];

/**
 * Every distinct ACL list once, under a number of this server's own. The numbers stand in snapshots and
 * nowhere else. `world:anyone` with all permissions, nearly every node's list, has a short cut.
 */
export class AclCache {
  readonly #lists = new Map<number, readonly Acl[]>();
  readonly #ids = new Map<string, number>();
  #nextId = 1;
  #openId = 0;

  idOf(acls: readonly Acl[]): number {
    const isOpen = acls.length === 1 && isOpenAcl(acls[0] as Acl);
    if (isOpen && this.#openId !== 0) return this.#openId;

    const key = acls.map(aclKey).join('');
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#nextId++;
      this.#ids.set(key, id);
      this.#lists.set(id, acls);
    }
    if (isOpen) this.#openId = id;
    return id;
  }

  listOf(id: number): readonly Acl[] {
    if (id === OPEN_ACL_ID) return OPEN_ACL;
    return this.#lists.get(id) ?? unreachable('a node refers to an ACL that is not in the table');
  }

  has(id: number): boolean {
    return id === OPEN_ACL_ID || this.#lists.has(id);
  }

  /** While a snapshot is loaded: the list under the number the snapshot gave it. */
  restore(id: number, acls: readonly Acl[]): void {
    this.#lists.set(id, acls);
    this.#ids.set(acls.map(aclKey).join(''), id);
    this.#nextId = Math.max(this.#nextId, id + 1);
  }

  entries(): Iterable<[number, readonly Acl[]]> {
    return this.#lists;
  }

  get size(): number {
    return this.#lists.size;
  }
}

function isOpenAcl(acl: Acl): boolean {
  return acl.perms === 31 && acl.scheme === 'world' && acl.id === 'anyone';
}
