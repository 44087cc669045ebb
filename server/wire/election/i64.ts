import type { JuteReader } from '../jute-reader.ts';
import { WireError } from '../wire-error.ts';

/** In each field of a vote of a server that has none (protocol §5.2): −2^63, which a double holds exactly. */
export const NO_VOTE: number = -(2 ** 63);

/**
 * A 64-bit integer of the election protocol, which must come out as it came in: votes are compared for equality
 * and passed on to others. A double does that within ±2^53 and for −2^63.
 *
 * @throws WireError for any other: no ensemble that this server could be in has such an epoch or id.
 */
export function readElectionLong(reader: JuteReader): number {
  const exact = reader.bigLong();
  const value = Number(exact);
  if (Number.isSafeInteger(value) || exact === BigInt(NO_VOTE)) return value;
  throw new WireError('value', `${exact} is not an id, a zxid or an epoch`);
}
