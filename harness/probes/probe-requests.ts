import { JuteWriter } from '../../server/wire/jute-writer.ts';
import { OpCode } from '../../server/wire/opcode.ts';
import { writeGetDataRequest } from '../../server/wire/records/get-data.ts';
import { writeSetDataRequest } from '../../server/wire/records/set-data.ts';
import { writeSyncRequest } from '../../server/wire/records/sync.ts';
import type { Connection } from '../client/connection.ts';

/** Where the xid stands in a request's frame, behind the length. */
const XID_AT = 4;
const VALUE = new TextEncoder().encode('probe');

/** The frames a target's probes send, made once: only the xid of a probe is new. */
export interface ProbeRequests {
  readonly read: Uint8Array;
  readonly sync: Uint8Array;
  readonly write: Uint8Array;
  readonly armWatch: Uint8Array;
  readonly writeWatched: Uint8Array;
}

/** `path` is read and written, `watchedPath` written to be heard of. */
export function probeRequests(path: string, watchedPath: string): ProbeRequests {
  return {
    read: frame(OpCode.getData, (writer) => writeGetDataRequest(writer, { path, watch: false })),
    sync: frame(OpCode.sync, (writer) => writeSyncRequest(writer, { path })),
    write: frame(OpCode.setData, (writer) => writeSetDataRequest(writer, { path, data: VALUE, version: -1 })),
    armWatch: frame(OpCode.getData, (writer) =>
      writeGetDataRequest(writer, { path: watchedPath, watch: true }),
    ),
    writeWatched: frame(OpCode.setData, (writer) =>
      writeSetDataRequest(writer, { path: watchedPath, data: VALUE, version: -1 }),
    ),
  };
}

/** Leaves with the connection's next `flush`. */
export function putRequest(connection: Connection, request: Uint8Array): void {
  const { output } = connection;
  const at = output.length;
  output.raw(request);
  output.view.setInt32(at + XID_AT, connection.nextXid());
}

function frame(opCode: number, writeBody: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  const start = writer.reserveInt();
  writer.int(0);
  writer.int(opCode);
  writeBody(writer);
  writer.endFrame(start);
  return writer.take();
}
