import type { SessionId } from '../../base/session-id.ts';
import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/**
 * The data of a learner's PING (protocol §4.2): the sessions it has heard from since its last one, to the end of
 * the data.
 * ```
 * touches = ( i64 sessionId ‖ i32 timeOut )*
 * ```
 */
export function readSessionTouches(
  reader: JuteReader,
  onTouch: (sessionId: SessionId, timeoutMs: number) => void,
): void {
  while (reader.remaining > 0) {
    const sessionId = reader.sessionId();
    onTouch(sessionId, reader.int());
  }
}

/** One of them; they stand one behind the other. */
export function writeSessionTouch(writer: JuteWriter, sessionId: SessionId, timeoutMs: number): void {
  writer.bigLong(sessionId);
  writer.int(timeoutMs);
}
