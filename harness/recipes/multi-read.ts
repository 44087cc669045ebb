import { OpCode } from '../../server/wire/opcode.ts';
import { writeMultiReadRequest } from '../../server/wire/records/multi-request.ts';
import { readMultiResponse } from '../../server/wire/records/multi-response.ts';
import type { Client } from '../client/client.ts';
import type { Exchange } from '../transcript/happening.ts';
import { type DataRead, inBody } from './read-reply.ts';

/** Reads the data of several znodes as they were at one moment; null for one that was not there. Paths are absolute. */
export function readTogether(client: Client, paths: readonly string[]): Promise<(DataRead | null)[]> {
  return client.request(
    OpCode.multiRead,
    (writer) =>
      writeMultiReadRequest(
        writer,
        paths.map((path) => ({ type: OpCode.getData, request: { path, watch: false } })),
      ),
    (reader) => readMultiResponse(reader).map(dataOf),
  );
}

/** What a multiRead's reply says, part by part; null where there was none. */
export function readTogetherIn(exchange: Exchange): readonly (DataRead | null)[] | null {
  return inBody(exchange, OpCode.multiRead, (reader) => readMultiResponse(reader).map(dataOf));
}

function dataOf(result: ReturnType<typeof readMultiResponse>[number]): DataRead | null {
  if (result.type !== OpCode.getData) return null;
  const { data, stat } = result.response;
  return { text: Buffer.from(data ?? []).toString('utf8'), stat };
}
