import { DEFAULT_TREE_LIMITS, type TreeLimits } from '../tree/tree-limits.ts';

const MIB = 1 << 20;

/**
 * What one client may cost the others. Where it can be told it gets −8 (BadArguments), which every client knows; where
 * it does not listen, its connection is closed.
 */
export interface Limits extends TreeLimits {
  /** Of one reply: a listing that would be longer is refused, since it holds everybody up while it is made. */
  readonly responseBytesMax: number;
  readonly watchesPerConnectionMax: number;
  readonly watchesMax: number;
  /** Of replies and events that a client does not take; then it is closed. */
  readonly outputBytesMax: number;
  /** Of requests that have not come as a whole, over all connections: who sends on beyond it is closed. */
  readonly partialBytesMax: number;
  /** From the first byte of a request to its last, ms. */
  readonly requestTimeoutMs: number;
  /** Of requests accepted and not answered, over all connections: beyond it nobody is read from. */
  readonly inFlightBytesMax: number;
  /** And of their number; 0 for no limit (`request_throttle_max_requests`). */
  readonly inFlightRequestsMax: number;
}

export const DEFAULT_LIMITS: Limits = {
  ...DEFAULT_TREE_LIMITS,
  responseBytesMax: 2 * MIB,
  watchesPerConnectionMax: 200_000,
  watchesMax: 4_000_000,
  outputBytesMax: 64 * MIB,
  partialBytesMax: 256 * MIB,
  requestTimeoutMs: 30_000,
  inFlightBytesMax: 128 * MIB,
  inFlightRequestsMax: 0,
};
