import type { Run } from '../peer.ts';
import { acls } from './acls.ts';
import { ephemerals } from './ephemerals.ts';
import { containers, timesToLive } from './extended-nodes.ts';
import { debugWords, fourLetterWords } from './four-letter-words.ts';
import { framing } from './framing.ts';
import { handshake } from './handshake.ts';
import { counting, ephemeralLists, identities, multiReads, oddTypes } from './lists.ts';
import { multis } from './multis.ts';
import { emptyTree, nodes } from './nodes.ts';
import { persistentWatches } from './persistent-watches.ts';
import { pipelining } from './pipelining.ts';
import { resync } from './resync.ts';
import { sequentialNames } from './sequential.ts';
import { quotas, systemNodes } from './system-nodes.ts';
import { watchRemoval } from './watch-removal.ts';
import { watches } from './watches.ts';

export type Scenario = (run: Run) => Promise<void>;

/** What every client has used from the beginning. They run in this order: the tree grows from one to the next. */
const BASIC: readonly (readonly [string, Scenario])[] = [
  ['empty-tree', emptyTree],
  ['handshake', handshake],
  ['nodes', nodes],
  ['sequential', sequentialNames],
  ['ephemerals', ephemerals],
  ['acls', acls],
  ['multis', multis],
  ['watches', watches],
  ['resync', resync],
  ['pipelining', pipelining],
  ['system-nodes', systemNodes],
  ['framing', framing],
  ['four-letter-words', fourLetterWords],
];

/** What came later. No two of these touch a node in common, nor look at the root, so each can be left out. */
const EXTENDED: readonly (readonly [string, Scenario])[] = [
  ['quotas', quotas],
  ['identities', identities],
  ['ephemeral-lists', ephemeralLists],
  ['multi-reads', multiReads],
  ['watch-removal', watchRemoval],
  ['persistent-watches', persistentWatches],
  ['containers', containers],
  ['times-to-live', timesToLive],
  ['odd-types', oddTypes],
  ['debug-words', debugWords],
];

/** `counting` counts the whole tree, so it is the first of the later ones. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map([
  ...BASIC,
  ['counting', counting],
  ...EXTENDED,
]);
