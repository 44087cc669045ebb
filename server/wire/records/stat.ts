import type { SessionId } from '../../base/session-id.ts';
import type { Zxid } from '../../base/zxid.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** A znode's metadata as clients see it: 68 bytes. */
export interface Stat {
  readonly czxid: Zxid;
  readonly mzxid: Zxid;
  /** The leader's wall clock when the znode was made, in ms. */
  readonly ctime: number;
  readonly mtime: number;
  readonly version: number;
  /** Counts creates and deletes of children, unlike the stored one of `StatPersisted`. */
  readonly cversion: number;
  readonly aversion: number;
  /** `NO_SESSION` for everything that is not an ordinary ephemeral, container and TTL znodes included. */
  readonly ephemeralOwner: SessionId;
  readonly dataLength: number;
  readonly numChildren: number;
  /** Of the last create or delete of a child. */
  readonly pzxid: Zxid;
}

export function readStat(reader: JuteReader): Stat {
  return {
    czxid: reader.zxid(),
    mzxid: reader.zxid(),
    ctime: reader.long(),
    mtime: reader.long(),
    version: reader.int(),
    cversion: reader.int(),
    aversion: reader.int(),
    ephemeralOwner: reader.sessionId(),
    dataLength: reader.int(),
    numChildren: reader.int(),
    pzxid: reader.zxid(),
  };
}

export function writeStat(writer: JuteWriter, stat: Stat): void {
  writer.long(stat.czxid);
  writer.long(stat.mzxid);
  writer.long(stat.ctime);
  writer.long(stat.mtime);
  writer.int(stat.version);
  writer.int(stat.cversion);
  writer.int(stat.aversion);
  writer.bigLong(stat.ephemeralOwner);
  writer.int(stat.dataLength);
  writer.int(stat.numChildren);
  writer.long(stat.pzxid);
}
