import type { Attack } from '../attack.ts';
import { deepTree } from './deep-tree.ts';
import { drip } from './drip.ts';
import { flood } from './flood.ts';
import { garbage } from './garbage.ts';
import { giantMultis } from './giant-multis.ts';
import { halfFrames } from './half-frames.ts';
import { slowReaders } from './slow-readers.ts';
import { watchFlood } from './watch-flood.ts';
import { wideListing } from './wide-listing.ts';

export const ATTACKS: readonly Attack[] = [
  halfFrames,
  drip,
  flood,
  garbage,
  giantMultis,
  slowReaders,
  deepTree,
  watchFlood,
  wideListing,
];
