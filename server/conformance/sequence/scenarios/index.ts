import type { Run } from '../peer.ts';
import { acls } from './acls.ts';
import { ephemerals } from './ephemerals.ts';
import { fourLetterWords } from './four-letter-words.ts';
import { framing } from './framing.ts';
import { handshake } from './handshake.ts';
import { multis } from './multis.ts';
import { emptyTree, nodes } from './nodes.ts';
import { persistentWatches } from './persistent-watches.ts';
import { pipelining } from './pipelining.ts';
import { resync } from './resync.ts';
import { sequentialNames } from './sequential.ts';
import { specialNodes } from './special-nodes.ts';
import { watches } from './watches.ts';

export type Scenario = (run: Run) => Promise<void>;

/** In the order in which they run. The tree grows from one to the next, and so do the versions of its root. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map([
  ['empty-tree', emptyTree],
  ['handshake', handshake],
  ['nodes', nodes],
  ['sequential', sequentialNames],
  ['ephemerals', ephemerals],
  ['acls', acls],
  ['multis', multis],
  ['watches', watches],
  ['resync', resync],
  ['persistent-watches', persistentWatches],
  ['special-nodes', specialNodes],
  ['pipelining', pipelining],
  ['framing', framing],
  ['four-letter-words', fourLetterWords],
]);
