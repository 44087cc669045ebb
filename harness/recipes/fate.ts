import { OpCode } from '../../server/wire/opcode.ts';
import { outcomeOfError } from '../client/keeper-errors.ts';
import { type Exchange, isWrite } from '../transcript/happening.ts';
import { multiResultsIn } from './read-reply.ts';

/** Unknown: it may have been done, or may still be, at any time after it was sent. */
export type Fate = 'done' | 'refused' | 'unknown';

/** What became of a request, as far as its client could know. A read that was not answered is refused: it did nothing. */
export function fateOf(exchange: Exchange): Fate {
  const { reply, opCode } = exchange;
  const reads = !isWrite(exchange);
  if (reply === null) return reads ? 'refused' : 'unknown';
  if (reply.err !== 0) return outcomeOfError(reply.err, { reads }) === 'info' ? 'unknown' : 'refused';
  if (opCode === OpCode.multi && multiResultsIn(exchange) === null) return 'refused';
  return 'done';
}

/** Whether it may have had an effect by then. */
export function mayBeDoneBy(exchange: Exchange, atNs: number): boolean {
  return exchange.sentNs < atNs && fateOf(exchange) !== 'refused';
}
