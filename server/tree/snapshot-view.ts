import type { SessionId } from '../base/session-id.ts';
import type { Zxid } from '../base/zxid.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { writeAcl, type Acl } from '../wire/records/acl.ts';
import type { TreeDigest } from './digest.ts';
import { parentOf } from './path.ts';
import { writeStatPersisted, type Znode } from './znode.ts';

/**
 * The tree exactly as it was at one zxid, written out slice by slice while the tree moves on.
 *
 * A node about to change for the first time since then is written out before it changes (`capture`, called by
 * the tree), so the file needs no fuzzy replay: no half multi (B22), no reverted cversion (B24), no missing
 * ACL (B25). The nodes' map is walked in insertion order, in which a parent always stands before its
 * children; a captured node takes its ancestors with it for the same reason.
 */
export class SnapshotView {
  readonly zxid: Zxid;
  readonly digest: TreeDigest;
  readonly #mark: number;
  readonly #nodes: ReadonlyMap<string, Znode>;
  readonly #walk: Iterator<Znode>;
  readonly #acls: readonly (readonly [number, readonly Acl[]])[];
  readonly #sessions: readonly (readonly [SessionId, number])[];
  /** Nodes captured since the last slice. */
  readonly #captured = new JuteWriter(4096);
  readonly #onDone: () => void;

  constructor(options: {
    readonly zxid: Zxid;
    readonly digest: TreeDigest;
    readonly mark: number;
    readonly nodes: ReadonlyMap<string, Znode>;
    readonly acls: Iterable<readonly [number, readonly Acl[]]>;
    /** Global sessions with their timeouts in ms. */
    readonly sessions: Iterable<readonly [SessionId, number]>;
    /** The view is complete or given up: the tree may stop capturing for it. */
    readonly onDone: () => void;
  }) {
    this.zxid = options.zxid;
    this.digest = options.digest;
    this.#mark = options.mark;
    this.#nodes = options.nodes;
    this.#walk = options.nodes.values();
    this.#acls = [...options.acls];
    this.#sessions = [...options.sessions];
    this.#onDone = options.onDone;
  }

  /** Sessions and ACL table (protocol §3.3). */
  writeHead(writer: JuteWriter): void {
    writer.int(this.#sessions.length);
    for (const [id, timeoutMs] of this.#sessions) {
      writer.bigLong(id);
      writer.int(timeoutMs);
    }
    writer.int(this.#acls.length);
    for (const [id, acls] of this.#acls) {
      writer.long(id);
      writer.vector(acls, writeAcl);
    }
  }

  /** Writes about `budgetBytes` of nodes; true when the last one is written. */
  writeNodes(writer: JuteWriter, budgetBytes: number): boolean {
    const end = writer.length + budgetBytes;
    if (this.#captured.length > 0) {
      writer.raw(this.#captured.bytes());
      this.#captured.clear();
    }
    while (writer.length < end) {
      const next = this.#walk.next();
      if (next.done === true) {
        this.#onDone();
        return true;
      }
      this.#write(writer, next.value);
    }
    return false;
  }

  /** Gives up: the file could not be written. */
  cancel(): void {
    this.#onDone();
  }

  /** The tree is about to change this node, or to remove it. */
  capture(node: Znode): void {
    if (node.snapshotMark === this.#mark) return;
    const missing: Znode[] = [];
    for (let at: Znode | undefined = node; at !== undefined && at.snapshotMark !== this.#mark;) {
      missing.push(at);
      at = at.path === '' ? undefined : this.#nodes.get(parentOf(at.path));
    }
    for (let i = missing.length - 1; i >= 0; i--) this.#write(this.#captured, missing[i] as Znode);
  }

  #write(writer: JuteWriter, node: Znode): void {
    if (node.snapshotMark === this.#mark) return;
    node.snapshotMark = this.#mark;
    writer.string(node.path);
    writer.buffer(node.data);
    writer.long(node.aclId);
    writeStatPersisted(writer, node);
  }
}
