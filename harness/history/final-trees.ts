import { z } from 'zod';

const treeOfServer = z.object({
  serverId: z.int(),
  address: z.string(),
  /** Hex as ZooKeeper writes it: the zxid that every server showed when the trees were read. */
  zxid: z.string().nullable(),
  /** SHA-256 over path, data and Stat of every node. Null if the tree could not be read. */
  digest: z.string().nullable(),
  /** Why not. */
  error: z.string().nullable(),
});

/**
 * `trees.json`: what each server of an ensemble holds when the load is over and the faults are healed, read
 * through a client of its own.
 */
export const finalTreesSchema = z.object({
  schema: z.literal('stampede.trees/1'),
  /** Everything from here on down was read, without `/zookeeper`. */
  root: z.string(),
  /** How long it took until all servers showed the same zxid; null if they did not in time. */
  convergedAfterMs: z.number().nullable(),
  /** How many nodes there are, on whichever server. */
  nodes: z.int(),
  servers: z.array(treeOfServer),
  /** How many nodes are not the same everywhere, and the first few of them with what each server has. */
  differing: z.int(),
  differences: z.array(
    z.object({ path: z.string(), seen: z.array(z.object({ serverId: z.int(), node: z.string() })) }),
  ),
});
export type FinalTrees = z.infer<typeof finalTreesSchema>;
