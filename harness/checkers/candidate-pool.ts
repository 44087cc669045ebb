import { NONE } from '../history/op.ts';

/** A write whose outcome nobody was told, and of which nothing seen gives away when it happened, if it did. */
export interface Candidate {
  readonly row: number;
  /** The version it was conditional on; NONE for any. */
  readonly askedVersion: number;
  /** It was invoked after the write with this zxid was acknowledged, so if it happened, it did so later. */
  readonly afterZxid: number;
}

/** From one to another, both included. */
export interface Versions {
  readonly from: number;
  readonly to: number;
}

export const ANY_VERSION: Versions = { from: 0, to: Infinity };

/**
 * The candidates of one kind for one node. Each explains one change; taking one is what marks it as happened.
 *
 * Those that may happen earliest are taken first, which never spoils a later explanation: whatever could be
 * explained by the one taken could be explained by any that is left. A hot node of a run with many faults has
 * thousands, so nothing here looks at all of them.
 */
export class CandidatePool {
  /** By the version asked for, those with the smallest `afterZxid` last. */
  readonly #queues = new Map<number, Candidate[]>();

  constructor(candidates: readonly Candidate[]) {
    for (const candidate of [...candidates].sort((a, b) => b.afterZxid - a.afterZxid)) {
      const queue = this.#queues.get(candidate.askedVersion);
      if (queue === undefined) this.#queues.set(candidate.askedVersion, [candidate]);
      else queue.push(candidate);
    }
  }

  /** One that can have happened by `zxid`, if possible one asking for a version: it is good for no other. */
  take(versions: Versions, zxid: number): Candidate | undefined {
    for (const [askedVersion, queue] of this.#queues) {
      if (askedVersion < versions.from || askedVersion > versions.to || askedVersion === NONE) continue;
      if (isLeft(queue, zxid)) return queue.pop();
    }
    const anyVersion = this.#queues.get(NONE);
    return anyVersion !== undefined && isLeft(anyVersion, zxid) ? anyVersion.pop() : undefined;
  }

  hasLeft(zxid: number): boolean {
    return [...this.#queues.values()].some((queue) => isLeft(queue, zxid));
  }

  /** The versions that conditional ones which are left ask for. */
  askedVersions(zxid: number): number[] {
    const asked = [...this.#queues].filter(([version, queue]) => version !== NONE && isLeft(queue, zxid));
    return asked.map(([version]) => version);
  }

  /** How many could be taken for `versions`, counted no further than `most`. */
  countUpTo(most: number, versions: Versions, zxid: number): number {
    let count = 0;
    for (const [version, queue] of this.#queues) {
      if (version !== NONE && (version < versions.from || version > versions.to)) continue;
      for (let at = queue.length - 1; at >= 0 && count < most; at--, count++) {
        if ((queue[at]?.afterZxid ?? Infinity) >= zxid) break;
      }
    }
    return count;
  }
}

function isLeft(queue: readonly Candidate[], zxid: number): boolean {
  return (queue.at(-1)?.afterZxid ?? Infinity) < zxid;
}
