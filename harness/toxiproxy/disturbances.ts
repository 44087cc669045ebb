import type { ToxicSpec, ToxiproxyClient } from './client.ts';
import type { Way } from './partitions.ts';
import type { Link } from './topology.ts';

/** What is done to one link: it is cut, or a toxic is put into one direction of it. */
export interface Disturbance {
  /** Its proxy's name. */
  readonly link: string;
  /** Null: connections are closed, and refused. */
  readonly toxic: ToxicSpec | null;
}

/** All that goes these ways is cut off; what goes both ways is cut as a network would be that is not there any more. */
export function cutting(links: readonly Link[], ways: readonly Way[]): Disturbance[] {
  return links.flatMap(({ name, from, to }): Disturbance[] => {
    if (from === null) return [];
    const [isThere, isBack] = [isAmong(ways, from, to), isAmong(ways, to, from)];
    if (isThere && isBack) return [{ link: name, toxic: null }];
    // Bytes go nowhere, and neither side is told: the connection stays.
    if (isThere) return [{ link: name, toxic: { type: 'black_hole', stream: 'upstream' } }];
    if (isBack) return [{ link: name, toxic: { type: 'black_hole', stream: 'downstream' } }];
    return [];
  });
}

function isAmong(ways: readonly Way[], from: number, to: number): boolean {
  return ways.some((way) => way.from === from && way.to === to);
}

/** The same toxic in both directions of each. */
export function poisoning(links: readonly Link[], toxic: Omit<ToxicSpec, 'stream' | 'name'>): Disturbance[] {
  return links.flatMap(({ name }) =>
    (['upstream', 'downstream'] as const).map((stream) => ({ link: name, toxic: { ...toxic, stream } })),
  );
}

/**
 * What several faults do to the links of one network at a time. They overlap: a link that two of them have cut is whole
 * when the second is taken back, and each has toxics of its own.
 */
export class Disturbances {
  readonly #toxiproxy: ToxiproxyClient;
  readonly #cuts = new Map<string, number>();
  #count = 0;

  constructor(toxiproxy: ToxiproxyClient) {
    this.#toxiproxy = toxiproxy;
  }

  /**
   * All at the same time, as far as there is such a thing.
   * @returns what takes all of it back; what is called again does no harm.
   * @throws ToxiproxyError; what was done until then can be taken back by nobody, so the network is to be reset.
   */
  async begin(disturbances: readonly Disturbance[]): Promise<() => Promise<void>> {
    const owner = `d${++this.#count}`;
    await Promise.all(
      disturbances.map(({ link, toxic }) =>
        toxic === null ? this.#cut(link) : this.#add(link, toxic, owner),
      ),
    );
    let isOver = false;
    return async () => {
      if (isOver) return;
      isOver = true;
      await Promise.all(
        disturbances.map(({ link, toxic }) =>
          toxic === null ? this.#mend(link) : this.#toxiproxy.removeToxic(link, nameOf(toxic, owner)),
        ),
      );
    };
  }

  async #cut(link: string): Promise<void> {
    const count = this.#cuts.get(link) ?? 0;
    this.#cuts.set(link, count + 1);
    if (count === 0) await this.#toxiproxy.disable(link);
  }

  async #mend(link: string): Promise<void> {
    const count = this.#cuts.get(link) ?? 0;
    this.#cuts.set(link, count - 1);
    if (count === 1) await this.#toxiproxy.enable(link);
  }

  async #add(link: string, toxic: ToxicSpec, owner: string): Promise<void> {
    await this.#toxiproxy.addToxic(link, { ...toxic, name: nameOf(toxic, owner) });
  }
}

function nameOf({ type, stream = 'downstream' }: ToxicSpec, owner: string): string {
  return `${owner}-${type}-${stream}`;
}
