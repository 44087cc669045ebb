import type { SessionId } from '../../base/session-id.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type Acl, readAcl } from '../records/acl.ts';
import { type StatPersisted, readStatPersisted } from '../records/stat-persisted.ts';
import { WireError } from '../wire-error.ts';

/**
 * The content of a snapshot, the same in a file (protocol §3.3) and on its way to a learner (§4.4):
 * ```
 * body      = sessions ‖ acl table ‖ nodes
 * sessions  = i32 count ‖ count × ( i64 sessionId ‖ i32 timeOut )
 * acl table = i32 count ‖ count × ( i64 aclId ‖ vec<ACL> )
 * nodes     = ( str path ‖ buf data ‖ i64 aclId ‖ StatPersisted )* ‖ str "/"
 * ```
 * The root's path is "".
 */

/** Gets a snapshot's content. Byte arrays are good only during the call. */
export interface SnapshotSink {
  onSnapshotSession(sessionId: SessionId, timeoutMs: number): void;
  /** An entry of the table that nodes refer to; −1, world:anyone ALL, is never in it. */
  onSnapshotAcl(aclId: number, acl: readonly Acl[]): void;
  /** Parents come before their children. The root's path is "". */
  onSnapshotNode(path: string, data: Uint8Array | null, aclId: number, stat: StatPersisted): void;
}

/**
 * Where a snapshot's content comes from. It is pulled a slice at a time; what it is made from may go on changing
 * in between, as long as the parents come before their children and the ACL ids before the nodes that use them.
 */
export interface SnapshotBodySource {
  /** Writes sessions ‖ acl table. */
  writeHead(writer: JuteWriter): void;
  /**
   * Writes nodes until about `budgetBytes` have been written, and goes on from there in the next call.
   * Returns true when there are no more; the closing "/" is not its business.
   */
  writeNodes(writer: JuteWriter, budgetBytes: number): boolean;
}

/** Stands where the next node's path would, behind the last one. */
const NODES_END = '/';

export function writeNodesEnd(writer: JuteWriter): void {
  writer.string(NODES_END);
}

/** What the next record is. */
type Part = 'session-count' | 'session' | 'acl-count' | 'acl' | 'node' | 'end';

/** Reads a body piece by piece into a sink: `read` with as much of it as has come, until it returns true. */
export class SnapshotBodyReader {
  readonly #sink: SnapshotSink;
  #part: Part = 'session-count';
  /** Sessions or ACLs to come. */
  #left = 0;

  constructor(sink: SnapshotSink) {
    this.#sink = sink;
  }

  /**
   * Reads every whole record there is. One that is cut off by the reader's end stays unread: the next call wants
   * it from its first byte. True when the "/" behind the last node has been read.
   * @throws WireError `length` or `value` for what no snapshot contains; `reader` then stands where that record
   * begins.
   */
  read(reader: JuteReader): boolean {
    let recordAt = reader.offset;
    try {
      while (this.#part !== 'end') {
        this.#readRecord(reader);
        recordAt = reader.offset;
      }
      return true;
    } catch (error) {
      reader.rewind(recordAt);
      if (error instanceof WireError && error.code === 'truncated') return false;
      throw error;
    }
  }

  /** Either throws or moves on: the sink gets nothing before all of a record has been read. */
  #readRecord(reader: JuteReader): void {
    switch (this.#part) {
      case 'session-count':
        this.#begin('session', readCount(reader), 'acl-count');
        break;
      case 'session': {
        const sessionId = reader.sessionId();
        this.#sink.onSnapshotSession(sessionId, reader.int());
        this.#begin('session', this.#left - 1, 'acl-count');
        break;
      }
      case 'acl-count':
        this.#begin('acl', readCount(reader), 'node');
        break;
      case 'acl': {
        const aclId = reader.long();
        this.#sink.onSnapshotAcl(aclId, reader.vector(readAcl) ?? []);
        this.#begin('acl', this.#left - 1, 'node');
        break;
      }
      case 'node':
        this.#readNode(reader);
        break;
      case 'end':
        break;
    }
  }

  #begin(part: Part, left: number, otherwise: Part): void {
    this.#part = left > 0 ? part : otherwise;
    this.#left = left;
  }

  #readNode(reader: JuteReader): void {
    const path = reader.nullableString();
    if (path === null) throw new WireError('value', 'a node without a path');
    if (path === NODES_END) {
      this.#part = 'end';
      return;
    }
    const data = reader.buffer();
    const aclId = reader.long();
    const stat = readStatPersisted(reader);
    this.#sink.onSnapshotNode(path, data, aclId, stat);
  }
}

function readCount(reader: JuteReader): number {
  const count = reader.int();
  if (count < 0) throw new WireError('length', `table of ${count} entries`);
  return count;
}
