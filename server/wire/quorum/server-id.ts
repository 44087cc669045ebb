import type { ServerId } from '../../base/server-id.ts';
import type { JuteReader } from '../jute-reader.ts';
import { WireError } from '../wire-error.ts';

/**
 * An i64.
 * @throws WireError `value` beyond what a double holds exactly: no such server is configured anywhere.
 */
export function readServerId(reader: JuteReader): ServerId {
  const id = reader.long();
  if (!Number.isSafeInteger(id)) throw new WireError('value', `server id ${id}`);
  return id as ServerId;
}
