import { unreachable } from '../base/assert.ts';
import type { Acl } from '../wire/records/acl.ts';
import { aclKey } from './acl.ts';

/** The ACL of the system nodes, which is not in the table: open to everybody (protocol §3.3). */
export const OPEN_ACL_ID = -1;

/**
 * The ACL of a node whose own the snapshot names and lacks, until the log brings it. Never the number itself: the log may
 * give that to another list.
 */
export const LACKING_ACL_ID = -2;

const OPEN_ACL: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }];

interface Entry {
  readonly id: number;
  readonly key: string;
  readonly acls: readonly Acl[];
  /** Nodes with this list, and outstanding requests that will give it to one. */
  uses: number;
}

/**
 * Every distinct ACL list once, under a number of this server's own. The numbers stand in snapshots and
 * nowhere else. A list that nothing uses any more is forgotten: clients make up as many as they like.
 * `world:anyone` with all permissions, nearly every node's list, has a short cut and is not counted.
 */
export class AclCache {
  readonly #entries = new Map<number, Entry>();
  readonly #byKey = new Map<string, Entry>();
  #nextId = 1;
  #openId = 0;

  /** The number of a list, for one more user of it; who does not use it any more calls `release`. */
  retain(acls: readonly Acl[]): number {
    const isOpen = acls.length === 1 && isOpenAcl(acls[0] as Acl);
    if (isOpen && this.#openId !== 0) return this.#openId;

    const key = keyOf(acls);
    const entry = this.#byKey.get(key) ?? this.#add(this.#nextId, key, acls);
    entry.uses++;
    if (isOpen) this.#openId = entry.id;
    return entry.id;
  }

  /** One more user of a list that is known by its number, as a node of a snapshot is. */
  retainId(id: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.uses++;
  }

  release(id: number): void {
    if (id === this.#openId || id === OPEN_ACL_ID) return;
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.uses--;
    if (entry.uses > 0) return;
    this.#entries.delete(id);
    this.#byKey.delete(entry.key);
  }

  listOf(id: number): readonly Acl[] {
    if (id === OPEN_ACL_ID || id === this.#openId) return OPEN_ACL;
    const entry = this.#entries.get(id) ?? unreachable('a node refers to an ACL that is not in the table');
    return entry.acls;
  }

  has(id: number): boolean {
    return id === OPEN_ACL_ID || this.#entries.has(id);
  }

  /** While a snapshot is loaded: the list under the number the snapshot gave it. */
  restore(id: number, acls: readonly Acl[]): void {
    this.#add(id, keyOf(acls), acls);
  }

  *entries(): Generator<readonly [number, readonly Acl[]]> {
    for (const { id, acls } of this.#entries.values()) yield [id, acls];
  }

  get size(): number {
    return this.#entries.size;
  }

  #add(id: number, key: string, acls: readonly Acl[]): Entry {
    const entry = { id, key, acls, uses: 0 };
    this.#entries.set(id, entry);
    this.#byKey.set(key, entry);
    this.#nextId = Math.max(this.#nextId, id + 1);
    return entry;
  }
}

function keyOf(acls: readonly Acl[]): string {
  return acls.map(aclKey).join('');
}

function isOpenAcl(acl: Acl): boolean {
  return acl.perms === 31 && acl.scheme === 'world' && acl.id === 'anyone';
}
