import { unreachable } from '../base/assert.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { writeNodeStat, type Znode } from '../tree/znode.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode } from '../wire/opcode.ts';
import { writeMultiEnd, writeMultiHeader } from '../wire/records/multi-header.ts';
import type { SubTxn } from '../wire/txns/txn.ts';
import type { ClientConnection } from './client-connection.ts';
import type { LoggedTxn, PendingWrite } from './pending-write.ts';
import type { StatWanted } from './write-requests.ts';

/** Where the result of a create of a multi stands among the results, with a stat behind it. */
interface CreateResult {
  readonly index: number;
  readonly start: number;
  readonly statStart: number;
  readonly end: number;
  /** It was a create2. */
  readonly hasStat: boolean;
}

/**
 * The answers to writes, made right after a write is applied, while the tree shows exactly its state. The
 * results of a multi are gathered while it is applied: a later operation may change the same node again, and
 * the events it fires must not end up inside the reply.
 */
export class WriteReplies {
  readonly #tree: DataTree;
  readonly #multiResults = new JuteWriter(1024);
  readonly #creates: CreateResult[] = [];
  #resultCount = 0;

  constructor(tree: DataTree) {
    this.#tree = tree;
  }

  /** The next txn is about to be applied. */
  begin(): void {
    this.#multiResults.clear();
    this.#creates.length = 0;
    this.#resultCount = 0;
  }

  readonly onSubTxn = (txn: SubTxn, error: ErrorCode): void => {
    const out = this.#multiResults;
    const index = this.#resultCount++;
    if (txn.type === OpCode.error) {
      writeMultiHeader(out, OpCode.error, error);
      out.int(error);
      return;
    }
    const start = out.length;
    const isExtendedCreate = txn.type === OpCode.createContainer || txn.type === OpCode.createTtl;
    const type = isExtendedCreate ? OpCode.create2 : txn.type;
    writeMultiHeader(out, type, ErrorCode.ok);
    if (txn.type !== OpCode.create && txn.type !== OpCode.create2) {
      this.#writeResult(out, type, txn.path);
      return;
    }
    // Who asked may be known to want a stat only when it is answered, and by then the node may be another.
    out.string(txn.path);
    const statStart = out.length;
    this.#writeStat(out, txn.path);
    this.#creates.push({ index, start, statStart, end: out.length, hasStat: txn.type === OpCode.create2 });
  };

  write(connection: ClientConnection, pending: PendingWrite, { header, txn }: LoggedTxn): void {
    const { xid, opcode } = pending;
    if (txn.type === OpCode.error) {
      connection.reply(xid, header.zxid, txn.err);
      return;
    }
    const out = connection.beginReply(xid, header.zxid, ErrorCode.ok);
    if (txn.type === OpCode.multi) {
      this.#writeMultiResults(out, pending.statWanted);
    } else if (txn.type !== OpCode.closeSession && txn.type !== OpCode.createSession) {
      this.#writeResult(out, opcode, txn.path);
    }
    connection.endReply();
  }

  #writeMultiResults(out: JuteWriter, statWanted: StatWanted): void {
    const results = this.#multiResults;
    let at = 0;
    for (const { index, start, statStart, end, hasStat } of this.#creates) {
      const isWanted = hasStat || statWanted?.has(index) === true;
      results.patchInt(start, isWanted ? OpCode.create2 : OpCode.create);
      out.raw(results.bytes().subarray(at, isWanted ? end : statStart));
      at = end;
    }
    out.raw(results.bytes().subarray(at));
    writeMultiEnd(out);
  }

  #writeResult(out: JuteWriter, opcode: number, path: string): void {
    switch (opcode) {
      case OpCode.create:
        out.string(path);
        break;
      // Containers and TTL nodes answer as create2 does (trap 25).
      case OpCode.create2:
      case OpCode.createContainer:
      case OpCode.createTtl:
        out.string(path);
        this.#writeStat(out, path);
        break;
      case OpCode.setData:
      case OpCode.setAcl:
        this.#writeStat(out, path);
        break;
      case OpCode.reconfig:
        out.buffer(this.#nodeAt(path).data);
        this.#writeStat(out, path);
        break;
      default:
      // delete and check answer with the header alone.
    }
  }

  #writeStat(out: JuteWriter, path: string): void {
    writeNodeStat(out, this.#nodeAt(path));
  }

  #nodeAt(path: string): Znode {
    return this.#tree.get(path) ?? unreachable('a node that was just written is not there');
  }
}
