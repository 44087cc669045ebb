import { decodeUtf8 } from '../../base/utf8.ts';
import type { Zxid } from '../../base/zxid.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { PacketType } from './quorum-packet.ts';

/**
 * A whole NEWLEADER (protocol §4.4). Its data is `configText` as UTF-8 (§5.4): the configuration this leader has
 * last seen. `zxid`: epoch << 32.
 */
export function writeNewLeader(writer: JuteWriter, zxid: Zxid, configText: string): void {
  writer.int(PacketType.newLeader);
  writer.long(zxid);
  // A length and text: the same bytes whether the field is called a string or a buffer.
  writer.string(configText);
  writer.int(-1);
}

/** All the data of a NEWLEADER. Bytes that are no UTF-8 become U+FFFD, which no configuration's parser takes. */
export function readConfigText(reader: JuteReader): string {
  const bytes = reader.rest();
  return decodeUtf8(bytes, 0, bytes.length);
}
