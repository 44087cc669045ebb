import { decodeUtf8 } from '../base/utf8.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { OpCode } from '../wire/opcode.ts';
import { readTxnEntry } from '../wire/txns/txn-entry.ts';
import { parseConfigText } from './config-text.ts';
import type { Membership } from './membership.ts';

/** Of the type in a txn's header: behind session, cxid, zxid and time. */
const TYPE_OFFSET = 28;

/**
 * The configuration that a txn of the log proposes; null for any other txn, which costs four bytes to see.
 *
 * @throws WireError if it proposes something that is no configuration.
 */
export function membershipIn(entry: Uint8Array): Membership | null {
  if (!isReconfig(entry)) return null;
  const reader = new JuteReader();
  reader.reset(entry, new DataView(entry.buffer, entry.byteOffset, entry.byteLength), 0, entry.length);
  const { txn } = readTxnEntry(reader);
  if (txn.type !== OpCode.reconfig) return null;
  const data = txn.data ?? new Uint8Array(0);
  return parseConfigText(decodeUtf8(data, 0, data.length));
}

export function isReconfig(entry: Uint8Array): boolean {
  return (
    entry[TYPE_OFFSET + 3] === OpCode.reconfig &&
    entry[TYPE_OFFSET] === 0 &&
    entry[TYPE_OFFSET + 1] === 0 &&
    entry[TYPE_OFFSET + 2] === 0
  );
}
