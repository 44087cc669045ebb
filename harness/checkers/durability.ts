import { ErrorCode } from '../../server/wire/error-code.ts';
import type { History } from '../history/history.ts';
import { isWrite, NONE, OpKind, Outcome, Phase } from '../history/op.ts';
import type { CheckerResult } from '../history/verification.ts';
import { AnomalyLog, nodeName, showValue, showZxid } from './anomaly-log.ts';
import { NO_NODE, NodeIndex, ROOT_NODE } from './node-index.ts';

/**
 * Nothing acknowledged is lost (reliability: D1): what the final reads find, after the faults are healed and
 * the servers restarted, is what the last acknowledged write of each node left, or what a later write with an
 * unknown outcome may have made of it, and nothing else.
 *
 * It doesn't believe the final replies' zxids, which a server that lost the end of its log would have right
 * for what it still has. It does ask that each session did a `sync` before it read, or a lagging server's
 * answer would be called a loss. Every node the run wrote must be read; a sequential child may instead be
 * covered by a final getChildren of its parent, which then has to list as many as there should be (none, if
 * the parent is not there).
 */
export function checkDurability(history: History): CheckerResult {
  const startedMs = performance.now();
  const log = new AnomalyLog(history);
  const opsChecked = new Durability(history, log).run();
  return log.result({ name: 'durability', opsChecked, durationMs: performance.now() - startedMs });
}

/** Whether the run ended with reads for `checkDurability` to look at. */
export function hasFinalReads(history: History): boolean {
  return history.phase.includes(Phase.final);
}

class Durability {
  readonly #history: History;
  readonly #nodes: NodeIndex;
  readonly #log: AnomalyLog;
  /** By node: the acknowledged write with the highest zxid. */
  readonly #last: Int32Array;
  readonly #unknownWrites = new Map<number, number[]>();
  /** Sequential creates without an answer, by parent. */
  readonly #unknownSequentials = new Map<number, number[]>();
  readonly #isRead: Uint8Array;
  /** Nodes written to, by parent. Made when first asked for. */
  #children: Map<number, number[]> | null = null;

  constructor(history: History, log: AnomalyLog) {
    this.#history = history;
    this.#log = log;
    this.#nodes = new NodeIndex(history);
    this.#last = new Int32Array(this.#nodes.size).fill(NONE);
    this.#isRead = new Uint8Array(this.#nodes.size);
  }

  run(): number {
    this.#gatherWrites();
    const finals = this.#finalReads();
    for (const row of finals) {
      if (this.#history.kind[row] === OpKind.getChildren) this.#checkChildren(row);
      else this.#checkNode(row);
    }
    this.#reportUnread();
    return finals.length;
  }

  #gatherWrites(): void {
    const { size, kind, outcome, zxid } = this.#history;
    for (let row = 0; row < size; row++) {
      if (!isWrite(kind[row] ?? 0) || outcome[row] === Outcome.fail) continue;
      const node = this.#nodes.nodeOf(row);
      if (outcome[row] === Outcome.info) {
        if (node === NO_NODE) pushTo(this.#unknownSequentials, this.#nodes.parentOfRow(row), row);
        else pushTo(this.#unknownWrites, node, row);
      } else if (node !== NO_NODE && (zxid[row] ?? 0) >= (zxid[this.#last[node] ?? NONE] ?? 0)) {
        this.#last[node] = row;
      }
    }
  }

  /** Those that say something: a read that failed for want of a connection was, one hopes, done again. */
  #finalReads(): number[] {
    const { size, phase, kind, outcome, error } = this.#history;
    const rows: number[] = [];
    for (let row = 0; row < size; row++) {
      const isReadKind =
        kind[row] === OpKind.exists || kind[row] === OpKind.getData || kind[row] === OpKind.getChildren;
      if (phase[row] !== Phase.final || !isReadKind) continue;
      const isMissing = outcome[row] === Outcome.fail && error[row] === ErrorCode.noNode;
      if (outcome[row] === Outcome.ok || isMissing) rows.push(row);
    }
    return rows;
  }

  #checkNode(row: number): void {
    const node = this.#nodes.nodeOf(row);
    if (node === NO_NODE) return;
    this.#isRead[node] = 1;
    if (this.#history.outcome[row] === Outcome.ok) this.#checkPresent(row, node);
    else this.#checkMissing(row, node);
  }

  #checkMissing(row: number, node: number): void {
    const last = this.#last[node] ?? NONE;
    if (last === NONE || this.#history.kind[last] === OpKind.delete) return;
    if (this.#unknown(node).some((write) => this.#history.kind[write] === OpKind.delete)) return;
    this.#lost(row, last, 'it is missing');
  }

  #checkPresent(row: number, node: number): void {
    const { kind, mzxid, zxid, valueId } = this.#history;
    const last = this.#last[node] ?? NONE;
    const lastZxid = last === NONE ? 0 : (zxid[last] ?? 0);
    const seen = mzxid[row] ?? NONE;
    const value = valueId[row] ?? NONE;
    const isValueSeen = kind[row] === OpKind.getData;
    const isLastThere = last !== NONE && kind[last] !== OpKind.delete;

    const isLast =
      isLastThere && (seen === NONE ? isValueSeen && value === valueId[last] : seen === lastZxid);
    if (isLast) {
      if (!isValueSeen || value === valueId[last]) return;
      this.#log.invalid('corrupted value', [last, row], (refer) => {
        const written = `${showValue(valueId[last] ?? NONE)} was the last that was written${refer(last)}`;
        const found = `the Stat is that of this write, and the data ${showValue(value)}${refer(row)}`;
        return `${this.#name(row)}: ${written}; at the end ${found}`;
      });
    } else if (
      this.#canBeUnknownWrite(node, seen === NONE ? Infinity : seen, lastZxid, isValueSeen ? value : null)
    ) {
      return;
    } else if (isLastThere && seen < lastZxid) {
      this.#lost(row, last, `it is as it was at ${showZxid(seen)}`);
    } else if (last !== NONE && seen < lastZxid) {
      this.#log.invalid('deleted node is back', [last, row], (refer) => {
        const deleted = `its delete was acknowledged at ${showZxid(lastZxid)}${this.#when(last)}${refer(last)}`;
        return `${this.#name(row)}: ${deleted}; at the end it is there, as of ${showZxid(seen)}${refer(row)}`;
      });
    } else if (this.#nodes.parentOf(node) !== NO_NODE || last !== NONE) {
      // Of the root alone nobody has to know who made it.
      this.#log.invalid('invented write', [row, last], (refer) => {
        const change = `at the end it was last changed at ${showZxid(seen)}, to ${showValue(value)}${refer(row)}`;
        const known =
          last === NONE
            ? 'and nobody had written to it'
            : `and the last write that anybody knows of was at ${showZxid(lastZxid)}${refer(last)}`;
        return `${this.#name(row)}: ${change}, ${known}`;
      });
    }
  }

  /** `value` is null where only the Stat was seen. */
  #canBeUnknownWrite(node: number, seenZxid: number, lastZxid: number, value: number | null): boolean {
    if (seenZxid <= lastZxid) return false;
    const { kind, valueId } = this.#history;
    return this.#unknown(node).some((write) => {
      return kind[write] !== OpKind.delete && (value === null || value === valueId[write]);
    });
  }

  #checkChildren(row: number): void {
    const parent = this.#nodes.nodeOf(row);
    const isMissing = this.#history.outcome[row] !== Outcome.ok;
    const seen = isMissing ? 0 : (this.#history.children.get(row)?.numChildren ?? NONE);
    if (parent === NO_NODE || seen === NONE) return;
    const children = this.#childrenOf(parent);
    let expected = 0;
    let mayMiss = 0;
    let mayHave = this.#unknownSequentials.get(parent)?.length ?? 0;
    for (const node of children) {
      if (this.#nodes.isSequential(node)) this.#isRead[node] = 1;
      const last = this.#last[node] ?? NONE;
      const isThere = last !== NONE && this.#history.kind[last] !== OpKind.delete;
      const kinds = this.#unknown(node).map((write) => this.#history.kind[write]);
      if (isThere) expected++;
      if (isThere && kinds.includes(OpKind.delete)) mayMiss++;
      if (!isThere && kinds.includes(OpKind.create)) mayHave++;
    }
    if (seen < expected - mayMiss) {
      this.#log.invalid('lost children', [row], (refer) => {
        const made = `${expected} were created, acknowledged and not deleted`;
        const doubt = mayMiss === 0 ? '' : `, of which ${mayMiss} may have been deleted without an answer`;
        return `${this.#name(row)} has ${seen} children at the end${refer(row)}: ${made}${doubt}`;
      });
    } else if (seen > expected + mayHave) {
      this.#log.invalid('invented children', [row], (refer) => {
        const made = `${expected} were created, acknowledged and not deleted`;
        const doubt = mayHave === 0 ? '' : `, and ${mayHave} more may have been created without an answer`;
        return `${this.#name(row)} has ${seen} children at the end${refer(row)}: ${made}${doubt}`;
      });
    }
  }

  #childrenOf(parent: number): readonly number[] {
    if (this.#children === null) {
      this.#children = new Map();
      for (let node = 0; node < this.#nodes.size; node++) {
        if (this.#last[node] !== NONE || this.#unknownWrites.has(node)) {
          pushTo(this.#children, this.#nodes.parentOf(node), node);
        }
      }
    }
    return this.#children.get(parent) ?? [];
  }

  #reportUnread(): void {
    for (const [node, last] of this.#last.entries()) {
      // The root needs no read of its own: everything else is below it.
      if (last === NONE || this.#isRead[node] === 1 || node === ROOT_NODE) continue;
      this.#log.unknown('not read at the end', [last], (refer) => {
        return `${this.#name(last)} was written${refer(last)}, and no final read of it succeeded`;
      });
    }
  }

  #lost(row: number, last: number, found: string): void {
    this.#log.invalid('lost write', [last, row], (refer) => {
      const { kind, valueId, zxid } = this.#history;
      const written = kind[last] === OpKind.delete ? 'its delete' : showValue(valueId[last] ?? NONE);
      const when = `${showZxid(zxid[last] ?? NONE)}${this.#when(last)}${refer(last)}`;
      return `${this.#name(row)}: ${written} was acknowledged at ${when}; at the end ${found}${refer(row)}`;
    });
  }

  #when(row: number): string {
    return `, ${((this.#history.completeNs[row] ?? 0) / 1e6).toFixed(1)} ms into the run`;
  }

  #unknown(node: number): readonly number[] {
    return this.#unknownWrites.get(node) ?? [];
  }

  #name(row: number): string {
    return nodeName(this.#history.key[row] ?? NONE, this.#history.sequence[row] ?? NONE);
  }
}

function pushTo(map: Map<number, number[]>, node: number, row: number): void {
  const others = map.get(node);
  if (others === undefined) map.set(node, [row]);
  else others.push(row);
}
