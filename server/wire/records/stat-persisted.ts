import type { Zxid } from '../../base/zxid.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** A znode's metadata as snapshots hold it: 60 bytes. */
export interface StatPersisted {
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  /** Counts creates of children only: the next sequence number. */
  readonly cversion: number;
  readonly aversion: number;
  /** Raw: a session id, or the encoding of a container or a TTL (protocol §1.7). */
  readonly ephemeralOwner: bigint;
  readonly pzxid: Zxid;
}

export function readStatPersisted(reader: JuteReader): StatPersisted {
  return {
    czxid: reader.zxid(),
    mzxid: reader.zxid(),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.bigLong(),
    pzxid: reader.zxid(),
  };
}

export function writeStatPersisted(writer: JuteWriter, stat: StatPersisted): void {
  writer.long(stat.czxid);
  writer.long(stat.mzxid);
  writer.long(stat.ctime);
  writer.long(stat.mtime);
  writer.int(stat.version);
  writer.int(stat.cversion);
  writer.int(stat.aversion);
  writer.bigLong(stat.ephemeralOwner);
  writer.long(stat.pzxid);
}
