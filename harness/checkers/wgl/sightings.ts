import type { History } from '../../history/history.ts';
import { isWrite, NONE, OpKind, Outcome } from '../../history/op.ts';
import { NO_NODE, type NodeIndex } from '../node-index.ts';

/** That a write without an answer took effect, and by when. */
export interface Sighting {
  /** When the first reply that shows it had come. */
  readonly seenNs: number;
  /** The version that it made; NONE if only another part of its multi was seen. */
  readonly version: number;
  /** Where it was seen: the node that a sequential create has made. */
  readonly node: number;
}

/**
 * Which writes without an answer were seen, by row. A value is written once, so whoever reads it has seen the write
 * that made it; and of a multi all parts happened if one did. Unlike `IndeterminateWrites` this asks no zxid.
 */
export function sightingsOf(history: History, nodes: NodeIndex): ReadonlyMap<number, Sighting> {
  const rowOfValue = new Map<number, number>();
  const { size, outcome, kind, valueId, completeNs, version } = history;
  for (let row = 0; row < size; row++) {
    if (outcome[row] !== Outcome.info || !isWrite(kind[row] ?? 0)) continue;
    if (valueId[row] !== NONE) rowOfValue.set(valueId[row] ?? NONE, row);
  }
  const sightings = new Map<number, Sighting>();
  if (rowOfValue.size === 0) return sightings;
  for (let row = 0; row < size; row++) {
    if (kind[row] !== OpKind.getData || outcome[row] !== Outcome.ok) continue;
    const write = rowOfValue.get(valueId[row] ?? NONE);
    if (write === undefined || !isAt(history, nodes, write, row)) continue;
    const before = sightings.get(write);
    const seenNs = completeNs[row] ?? 0;
    if (before !== undefined && before.seenNs <= seenNs) continue;
    sightings.set(write, { seenNs, version: version[row] ?? NONE, node: nodes.nodeOf(row) });
  }
  shareInMultis(history, nodes, sightings);
  return sightings;
}

function isAt(history: History, nodes: NodeIndex, write: number, read: number): boolean {
  const node = nodes.nodeOf(read);
  if (history.kind[write] !== OpKind.createSequential) return nodes.nodeOf(write) === node;
  return nodes.isSequential(node) && nodes.parentOf(node) === nodes.parentOfRow(write);
}

function shareInMultis(history: History, nodes: NodeIndex, sightings: Map<number, Sighting>): void {
  const seenParts = [...sightings].filter(([row]) => history.inMulti[row] === 1);
  for (const [row, { seenNs }] of seenParts) {
    const { first, last } = multiOf(history, row);
    for (let part = first; part <= last; part++) {
      if (part === row) continue;
      const known = sightings.get(part);
      const node = known?.node ?? nodes.nodeOf(part);
      if (node === NO_NODE && known === undefined) continue;
      sightings.set(part, {
        seenNs: Math.min(seenNs, known?.seenNs ?? Infinity),
        version: known?.version ?? NONE,
        node,
      });
    }
  }
}

/** The rows of the multi that `row` is a part of: they stand together. */
export function multiOf(history: History, row: number): { readonly first: number; readonly last: number } {
  const isOfIt = (other: number): boolean =>
    history.inMulti[other] === 1 &&
    history.process[other] === history.process[row] &&
    history.xid[other] === history.xid[row];
  let first = row;
  let last = row;
  while (first > 0 && isOfIt(first - 1)) first--;
  while (last + 1 < history.size && isOfIt(last + 1)) last++;
  return { first, last };
}
