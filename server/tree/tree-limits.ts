/**
 * What a client may make of the tree. Apache has none of these limits, and falls over where they would be: a tree too
 * deep for its stack, a map too large for its heap. Who goes beyond one is told −8 (BadArguments), which every client
 * knows; what is there already, from Apache or from before a limit was lowered, stays and is served.
 */
export interface TreeLimits {
  /** Of a path, UTF-16 units. */
  readonly pathLengthMax: number;
  /** Of a path, names. */
  readonly depthMax: number;
  readonly operationsPerMultiMax: number;
  /** In the whole tree. A map of V8 ends at 2^24 entries, and the process with it. */
  readonly nodesMax: number;
  /** Of all paths and data together. */
  readonly dataBytesMax: number;
  readonly ephemeralsPerSessionMax: number;
}

export const DEFAULT_TREE_LIMITS: TreeLimits = {
  pathLengthMax: 4096,
  depthMax: 256,
  operationsPerMultiMax: 1000,
  nodesMax: 10_000_000,
  dataBytesMax: 8 * 2 ** 30,
  ephemeralsPerSessionMax: 100_000,
};
