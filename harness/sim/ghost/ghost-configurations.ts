import { decodeUtf8 } from '../../../server/base/utf8.ts';
import type { ServerId } from '../../../server/base/server-id.ts';
import { parseConfigText } from '../../../server/zab/config-text.ts';
import type { Membership } from '../../../server/zab/membership.ts';

interface Era {
  /** Of the reconfig that began it; 0 for the first. */
  readonly zxid: number;
  readonly membership: Membership;
}

/** Who belonged to the ensemble from which zxid on. */
export class GhostConfigurations {
  readonly #eras: Era[];

  constructor(first: Membership) {
    this.#eras = [{ zxid: 0, membership: first }];
  }

  /** A reconfig is committed. */
  commit(zxid: number, data: Uint8Array | null): void {
    const text = data === null ? '' : decodeUtf8(data, 0, data.length);
    this.#eras.push({ zxid, membership: parseConfigText(text) });
  }

  get last(): Membership {
    return (this.#eras.at(-1) as Era).membership;
  }

  /**
   * Whether these servers are enough to commit `zxid`: a quorum of the configuration it belongs to, and for the reconfig
   * itself also of the one before.
   */
  isQuorumFor(zxid: number, servers: ReadonlySet<ServerId>): boolean {
    const at = this.#eras.findLastIndex((era) => era.zxid <= zxid);
    const needed = this.#eras.slice(this.#eras[at]?.zxid === zxid ? Math.max(0, at - 1) : at, at + 1);
    return needed.every(({ membership }) => membership.verifier.containsQuorum(servers));
  }

  /** Whether these servers are a quorum of those who decide now. */
  isQuorum(servers: ReadonlySet<ServerId>): boolean {
    return this.last.verifier.containsQuorum(servers);
  }

  has(id: number): boolean {
    return this.last.members.has(id as ServerId);
  }
}
