import { JuteWriter } from '../../server/wire/jute-writer.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { writeCreate2Response, writeCreateResponse } from '../../server/wire/records/create.ts';
import type { MultiOp } from '../../server/wire/records/multi-request.ts';
import type { MultiResult } from '../../server/wire/records/multi-response.ts';
import { writeSetDataResponse } from '../../server/wire/records/set-data.ts';
import { KeeperError } from '../client/keeper-errors.ts';
import type { Client } from '../client/client.ts';
import type { Exchange, Reply } from '../transcript/happening.ts';
import { allMultiResultsIn } from './read-reply.ts';

const OP_CODES = {
  create: OpCode.create,
  create2: OpCode.create2,
  delete: OpCode.delete,
  check: OpCode.check,
  setData: OpCode.setData,
  setAcl: OpCode.setAcl,
} as const;

/** A multi that throws as any other request does when it is refused. */
export async function allOrNothing(client: Client, ops: readonly MultiOp[]): Promise<readonly MultiResult[]> {
  const results = await client.multi(ops);
  const code = refusalIn(results);
  if (code !== null) throw new KeeperError(code);
  return results;
}

/**
 * The parts of a multi as if each had been asked for alone, at the same time: what each was answered, and for all of one
 * that was refused why. Any other request is its own only part.
 */
export function partsOf(exchange: Exchange): readonly Exchange[] {
  const { op, reply } = exchange;
  if (op?.f !== 'multi') return [exchange];
  const results = allMultiResultsIn(exchange);
  return op.ops.map((part, i) => ({
    ...exchange,
    op: part,
    opCode: OP_CODES[part.f],
    reply: reply && partReply(reply, results, i),
  }));
}

function partReply(reply: Reply, results: readonly MultiResult[] | null, i: number): Reply {
  const code = results === null ? reply.err : refusalIn(results);
  if (code !== null) return { ...reply, err: code, body: new Uint8Array(0) };
  return { ...reply, body: bodyOf(results?.[i]) };
}

/** The code of the part for which it was refused; null if it was done. */
function refusalIn(results: readonly MultiResult[]): number | null {
  const errors = results.flatMap((result) => (result.type === OpCode.error ? [result.response.err] : []));
  if (errors.length === 0) return null;
  return errors.find((err) => err !== 0) ?? 0;
}

function bodyOf(result: MultiResult | undefined): Uint8Array {
  const writer = new JuteWriter(128);
  if (result?.type === OpCode.create2) writeCreate2Response(writer, result.response);
  if (result?.type === OpCode.create) writeCreateResponse(writer, result.response);
  if (result?.type === OpCode.setData) writeSetDataResponse(writer, result.response);
  return writer.take();
}
