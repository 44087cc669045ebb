import { JuteReader } from '../../server/wire/jute-reader.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { readCreate2Response } from '../../server/wire/records/create.ts';
import { readGetChildren2Response } from '../../server/wire/records/get-children.ts';
import { readGetDataResponse } from '../../server/wire/records/get-data.ts';
import { type MultiResult, readMultiResponse } from '../../server/wire/records/multi-response.ts';
import { readSetDataResponse } from '../../server/wire/records/set-data.ts';
import type { Stat } from '../../server/wire/records/stat.ts';
import type { Exchange } from '../transcript/happening.ts';

// What a reply says; null where there was none, it was a refusal, or something else was asked. The requests are those
// of `Client`.

/** What a znode had in it. `text` is empty for one without data. */
export interface DataRead {
  readonly text: string;
  readonly stat: Stat;
}

/** Of a getData. */
export function dataIn(exchange: Exchange): DataRead | null {
  return inBody(exchange, OpCode.getData, (reader) => {
    const { data, stat } = readGetDataResponse(reader);
    return { text: Buffer.from(data ?? []).toString('utf8'), stat };
  });
}

/** Of a setData. */
export function setStatIn(exchange: Exchange): Stat | null {
  return inBody(exchange, OpCode.setData, (reader) => readSetDataResponse(reader).stat);
}

/** Of a create: the path is the one that was made, which for a sequential znode is not the one that was asked for. */
export function createdIn(exchange: Exchange): { readonly path: string; readonly stat: Stat } | null {
  return inBody(exchange, OpCode.create2, readCreate2Response);
}

/** Of a getChildren: names, in the server's order. */
export function childrenIn(
  exchange: Exchange,
): { readonly children: readonly string[]; readonly stat: Stat } | null {
  return inBody(exchange, OpCode.getChildren2, (reader) => {
    const { children, stat } = readGetChildren2Response(reader);
    return { children: children ?? [], stat };
  });
}

/** Of a multi that was done: its parts' results. Null for one that was refused, too, whose reply has no error either. */
export function multiResultsIn(exchange: Exchange): readonly MultiResult[] | null {
  const results = allMultiResultsIn(exchange);
  return results?.some(({ type }) => type === OpCode.error) === true ? null : results;
}

/** Of a multi: its parts' results, which are all errors if it was refused. */
export function allMultiResultsIn(exchange: Exchange): readonly MultiResult[] | null {
  return inBody(exchange, OpCode.multi, readMultiResponse);
}

/** Whether it was done, as far as its reply says. */
export function isDone({ reply }: Exchange): boolean {
  return reply?.err === 0;
}

/** Null if there is no body of such a request. */
export function inBody<T>(
  { reply, ...exchange }: Exchange,
  opCode: number,
  read: (reader: JuteReader) => T,
): T | null {
  if (exchange.opCode !== opCode || reply?.err !== 0) return null;
  const { body } = reply;
  const reader = new JuteReader();
  reader.reset(body, new DataView(body.buffer, body.byteOffset, body.length), 0, body.length);
  return read(reader);
}
