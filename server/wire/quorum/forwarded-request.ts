import type { SessionId } from '../../base/session-id.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * The data of REQUEST (protocol §4.2): what a learner's client wants written. The packet's authinfo are that
 * client's identities, null for what the learner itself asks for (createSession).
 */
export interface ForwardedRequest {
  readonly sessionId: SessionId;
  /** The client's xid. */
  readonly cxid: number;
  /** An `OpCode`. */
  readonly type: number;
  /**
   * The request's record as it came from the client: i32 timeOut for createSession, nothing for closeSession.
   * When read, a view of the source.
   */
  readonly body: Uint8Array;
}

export function readForwardedRequest(reader: JuteReader): ForwardedRequest {
  return { sessionId: reader.sessionId(), cxid: reader.int(), type: reader.int(), body: reader.rest() };
}

export function writeForwardedRequest(writer: JuteWriter, request: ForwardedRequest): void {
  writer.bigLong(request.sessionId);
  writer.int(request.cxid);
  writer.int(request.type);
  writer.raw(request.body);
}
