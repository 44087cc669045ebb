import { assert } from './assert.ts';
import type { Brand } from './brand.ts';

/**
 * A transaction id: the epoch in the high 32 bits, a counter in the low 32 (protocol §4.1).
 *
 * It is a double and not a bigint, which makes a `Stat` several times cheaper to encode (see
 * docs/decisions/0003-zxid-is-a-number.md). A double is exact below 2^53, which leaves 21 bits for the
 * epoch: two million leader elections. `makeZxid` refuses to go further, and so does start-up.
 */
export type Zxid = Brand<number, 'Zxid'>;

export type Epoch = Brand<number, 'Epoch'>;

const COUNTER_SPAN = 2 ** 32;
export const EPOCH_MAX = (2 ** 21 - 1) as Epoch;
export const COUNTER_MAX: number = COUNTER_SPAN - 1;

export const ZXID_ZERO = 0 as Zxid;

/** @throws AssertionError outside 0…EPOCH_MAX and 0…COUNTER_MAX. */
export function makeZxid(epoch: number, counter: number): Zxid {
  assert(epoch >= 0 && epoch <= EPOCH_MAX, 'epoch out of range');
  assert(counter >= 0 && counter <= COUNTER_MAX, 'zxid counter out of range');
  return (epoch * COUNTER_SPAN + counter) as Zxid;
}

/** The zxid after this one in the same epoch. The counter must not roll over into the epoch. */
export function nextZxid(zxid: Zxid): Zxid {
  assert(counterOf(zxid) < COUNTER_MAX, 'no zxid left in this epoch');
  return (zxid + 1) as Zxid;
}

/**
 * The zxid after this one on a server that holds no elections: where the counter ends the epoch goes on, as it
 * does with Apache's. A busy server writes 2^32 txns in a few hours.
 */
export function nextStandaloneZxid(zxid: Zxid): Zxid {
  assert(zxid < EPOCH_MAX * COUNTER_SPAN + COUNTER_MAX, 'no zxid left');
  return (zxid + 1) as Zxid;
}

export function epochOf(zxid: Zxid): Epoch {
  return Math.floor(zxid / COUNTER_SPAN) as Epoch;
}

export function counterOf(zxid: Zxid): number {
  return zxid % COUNTER_SPAN;
}

/** Written the way ZooKeeper's logs and tools write it (`0x1000000a2`), so that the two can be compared. */
export function formatZxid(zxid: Zxid): string {
  return `0x${zxid < 0 ? BigInt.asUintN(64, BigInt(zxid)).toString(16) : zxid.toString(16)}`;
}

/** Whether a history may go on with `next` after `previous`: one more, or the first of a later epoch (P11). */
export function follows(next: Zxid, previous: Zxid): boolean {
  const isSameEpoch = epochOf(next) === epochOf(previous);
  return isSameEpoch ? next === previous + 1 : next > previous && counterOf(next) === 1;
}
