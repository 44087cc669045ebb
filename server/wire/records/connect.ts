import type { SessionId } from '../../base/session-id.ts';
import type { Zxid } from '../../base/zxid.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** The first frame of a connection; no header before it (protocol §1.3). */
export interface ConnectRequest {
  readonly protocolVersion: number;
  readonly lastZxidSeen: Zxid;
  /** Requested session timeout in ms. */
  readonly timeOut: number;
  readonly sessionId: SessionId;
  readonly passwd: Uint8Array | null;
  /** Null where the client is older than the field: the response must then leave it out as well. */
  readonly readOnly: boolean | null;
}

export function readConnectRequest(reader: JuteReader): ConnectRequest {
  return {
    protocolVersion: reader.int(),
    lastZxidSeen: reader.zxid(),
    timeOut: reader.int(),
    sessionId: reader.sessionId(),
    passwd: reader.buffer(),
    readOnly: reader.remaining === 0 ? null : reader.bool(),
  };
}

export function writeConnectRequest(writer: JuteWriter, request: ConnectRequest): void {
  writer.int(request.protocolVersion);
  writer.long(request.lastZxidSeen);
  writer.int(request.timeOut);
  writer.bigLong(request.sessionId);
  writer.buffer(request.passwd);
  if (request.readOnly !== null) writer.bool(request.readOnly);
}

/** The answer to a `ConnectRequest`; a `timeOut` of 0 or less tells the client that its session has expired. */
export interface ConnectResponse {
  readonly protocolVersion: number;
  /** Negotiated session timeout in ms. */
  readonly timeOut: number;
  readonly sessionId: SessionId;
  readonly passwd: Uint8Array | null;
  /** Null leaves the field out, for a client that did not send it; it would take it for the next frame. */
  readonly readOnly: boolean | null;
}

export function readConnectResponse(reader: JuteReader): ConnectResponse {
  return {
    protocolVersion: reader.int(),
    timeOut: reader.int(),
    sessionId: reader.sessionId(),
    passwd: reader.buffer(),
    readOnly: reader.remaining === 0 ? null : reader.bool(),
  };
}

export function writeConnectResponse(writer: JuteWriter, response: ConnectResponse): void {
  writer.int(response.protocolVersion);
  writer.int(response.timeOut);
  writer.bigLong(response.sessionId);
  writer.buffer(response.passwd);
  if (response.readOnly !== null) writer.bool(response.readOnly);
}
