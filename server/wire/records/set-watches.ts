import type { Zxid } from '../../base/zxid.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** A client that has reconnected puts its watches back; what changed after `relativeZxid` fires at once. */
export interface SetWatches {
  readonly relativeZxid: Zxid;
  readonly dataWatches: readonly string[] | null;
  readonly existWatches: readonly string[] | null;
  readonly childWatches: readonly string[] | null;
}

export function readSetWatches(reader: JuteReader): SetWatches {
  return {
    relativeZxid: reader.zxid(),
    dataWatches: reader.strings(),
    existWatches: reader.strings(),
    childWatches: reader.strings(),
  };
}

export function writeSetWatches(writer: JuteWriter, request: SetWatches): void {
  writer.long(request.relativeZxid);
  writer.strings(request.dataWatches);
  writer.strings(request.existWatches);
  writer.strings(request.childWatches);
}

export interface SetWatches2 extends SetWatches {
  readonly persistentWatches: readonly string[] | null;
  readonly persistentRecursiveWatches: readonly string[] | null;
}

export function readSetWatches2(reader: JuteReader): SetWatches2 {
  return {
    relativeZxid: reader.zxid(),
    dataWatches: reader.strings(),
    existWatches: reader.strings(),
    childWatches: reader.strings(),
    persistentWatches: reader.strings(),
    persistentRecursiveWatches: reader.strings(),
  };
}

export function writeSetWatches2(writer: JuteWriter, request: SetWatches2): void {
  writeSetWatches(writer, request);
  writer.strings(request.persistentWatches);
  writer.strings(request.persistentRecursiveWatches);
}
