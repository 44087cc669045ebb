import { bandwidth } from './bandwidth.ts';
import { blackHole } from './black-hole.ts';
import { corrupt } from './corrupt.ts';
import { latency } from './latency.ts';
import { limitData } from './limit-data.ts';
import { loss } from './loss.ts';
import { noop } from './noop.ts';
import { packetLoss } from './packet-loss.ts';
import { resetPeer } from './reset-peer.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow-close.ts';
import { timeout } from './timeout.ts';
import type { ToxicType } from './toxic-type.ts';

const ALL: readonly ToxicType[] = [
  bandwidth,
  blackHole,
  corrupt,
  latency,
  limitData,
  loss,
  noop,
  packetLoss,
  resetPeer,
  slicer,
  slowClose,
  timeout,
];

const BY_NAME: ReadonlyMap<string, ToxicType> = new Map(ALL.map((type) => [type.name, type]));

/** Undefined for a name that means nothing here; in stock mode, for one of our extensions, too. */
export function toxicTypeOf(name: string, isStock: boolean): ToxicType | undefined {
  const type = BY_NAME.get(name);
  return type?.isExtension === true && isStock ? undefined : type;
}
