import { unreachable } from '../base/assert.ts';
import type { DataTree } from '../tree/data-tree.ts';
import { writeNodeStat } from '../tree/znode.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { JuteWriter } from '../wire/jute-writer.ts';
import { OpCode } from '../wire/opcode.ts';
import { writeMultiEnd, writeMultiHeader } from '../wire/records/multi-header.ts';
import type { SubTxn } from '../wire/txns/txn.ts';
import type { ClientConnection } from './client-connection.ts';
import type { LoggedTxn, PendingWrite } from './pending-write.ts';

/**
 * The answers to writes, made right after a write is applied, while the tree shows exactly its state. The
 * results of a multi are gathered while it is applied: a later operation may change the same node again, and
 * the events it fires must not end up inside the reply.
 */
export class WriteReplies {
  readonly #tree: DataTree;
  readonly #multiResults = new JuteWriter(1024);

  constructor(tree: DataTree) {
    this.#tree = tree;
  }

  /** The next txn is about to be applied. */
  begin(): void {
    this.#multiResults.clear();
  }

  readonly onSubTxn = (txn: SubTxn, error: ErrorCode): void => {
    const out = this.#multiResults;
    if (txn.type === OpCode.error) {
      writeMultiHeader(out, OpCode.error, error);
      out.int(error);
      return;
    }
    const isExtendedCreate = txn.type === OpCode.createContainer || txn.type === OpCode.createTtl;
    const type = isExtendedCreate ? OpCode.create2 : txn.type;
    writeMultiHeader(out, type, ErrorCode.ok);
    this.#writeResult(out, type, txn.path);
  };

  write(connection: ClientConnection, { xid, opcode }: PendingWrite, { header, txn }: LoggedTxn): void {
    if (txn.type === OpCode.error) {
      connection.reply(xid, header.zxid, txn.err);
      return;
    }
    const out = connection.beginReply(xid, header.zxid, ErrorCode.ok);
    if (txn.type === OpCode.multi) {
      out.raw(this.#multiResults.bytes());
      writeMultiEnd(out);
    } else if (txn.type !== OpCode.closeSession && txn.type !== OpCode.createSession) {
      this.#writeResult(out, opcode, txn.path);
    }
    connection.endReply();
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
      default:
      // delete and check answer with the header alone.
    }
  }

  #writeStat(out: JuteWriter, path: string): void {
    writeNodeStat(out, this.#tree.get(path) ?? unreachable('a node that was just written is not there'));
  }
}
