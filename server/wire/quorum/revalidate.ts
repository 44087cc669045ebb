import type { SessionId } from '../../base/session-id.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** The data of a learner's REVALIDATE (protocol §4.7): a client wants to go on with this session here. */
export interface RevalidateRequest {
  readonly sessionId: SessionId;
  readonly timeoutMs: number;
}

export function readRevalidateRequest(reader: JuteReader): RevalidateRequest {
  return { sessionId: reader.sessionId(), timeoutMs: reader.int() };
}

export function writeRevalidateRequest(writer: JuteWriter, request: RevalidateRequest): void {
  writer.bigLong(request.sessionId);
  writer.int(request.timeoutMs);
}

/** The leader's answer. */
export interface RevalidateReply {
  readonly sessionId: SessionId;
  /** False if the session has expired or never was: the client is told so. */
  readonly isValid: boolean;
}

export function readRevalidateReply(reader: JuteReader): RevalidateReply {
  return { sessionId: reader.sessionId(), isValid: reader.bool() };
}

export function writeRevalidateReply(writer: JuteWriter, reply: RevalidateReply): void {
  writer.bigLong(reply.sessionId);
  writer.bool(reply.isValid);
}
