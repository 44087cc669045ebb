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

/** What disturbances need of a network. */
export interface DisturbedNetwork {
  readonly toxiproxy: ToxiproxyClient;
  cut(links: readonly string[]): Promise<void>;
  mend(links: readonly string[]): Promise<void>;
}

/**
 * What several faults do to the links of one network at a time. They overlap: a link that two of them have cut is whole
 * when the second is taken back, and each has toxics of its own.
 */
export class Disturbances {
  readonly #network: DisturbedNetwork;
  readonly #cuts = new Map<string, number>();
  #count = 0;

  constructor(network: DisturbedNetwork) {
    this.#network = network;
  }

  /**
   * All at the same time, as far as there is such a thing.
   * @throws ToxiproxyError; what was done until then can be taken back by nobody, so the network is to be reset.
   */
  async begin(disturbances: readonly Disturbance[]): Promise<Disturbed> {
    const owner = `d${++this.#count}`;
    const cuts = disturbances.flatMap(({ link, toxic }) => (toxic === null ? [link] : []));
    const toxics = disturbances.flatMap(({ link, toxic }) =>
      toxic === null ? [] : [{ link, toxic: { ...toxic, name: nameOf(toxic, owner) } }],
    );
    const { toxiproxy } = this.#network;
    await Promise.all([this.#cut(cuts), ...toxics.map(({ link, toxic }) => toxiproxy.addToxic(link, toxic))]);
    let isOver = false;
    const where = async (isThere: boolean): Promise<string[]> => {
      const found = [
        ...cuts.map((link) => this.#isCut(link)),
        ...toxics.map(({ link, toxic }) => this.#has(link, toxic.name)),
      ];
      const links = [...cuts, ...toxics.map(({ link }) => link)];
      const answers = await Promise.all(found);
      return links.filter((_, i) => answers[i] === isThere);
    };
    return {
      end: async () => {
        if (isOver) return;
        isOver = true;
        const gone = toxics.map(({ link, toxic }) => toxiproxy.removeToxic(link, toxic.name));
        await Promise.all([this.#mend(cuts), ...gone]);
      },
      missing: () => where(false),
      // What another fault has cut as well is cut on.
      left: async () => (await where(true)).filter((link) => (this.#cuts.get(link) ?? 0) === 0),
    };
  }

  async #isCut(link: string): Promise<boolean> {
    return !(await this.#network.toxiproxy.get(link)).enabled;
  }

  async #has(link: string, name: string): Promise<boolean> {
    return (await this.#network.toxiproxy.toxics(link)).some((toxic) => toxic.name === name);
  }

  async #cut(links: readonly string[]): Promise<void> {
    for (const link of links) this.#cuts.set(link, (this.#cuts.get(link) ?? 0) + 1);
    if (links.length > 0) await this.#network.cut(links);
  }

  async #mend(links: readonly string[]): Promise<void> {
    for (const link of links) this.#cuts.set(link, (this.#cuts.get(link) ?? 0) - 1);
    const whole = links.filter((link) => this.#cuts.get(link) === 0);
    if (whole.length > 0) await this.#network.mend(whole);
  }
}

/** What has been begun. */
export interface Disturbed {
  /** Takes all of it back; what is called again does no harm. */
  end(): Promise<void>;
  /** The links that are not disturbed, though they should be. */
  missing(): Promise<string[]>;
  /** Those that still are, after the end. */
  left(): Promise<string[]>;
}

function nameOf({ type, stream = 'downstream' }: ToxicSpec, owner: string): string {
  return `${owner}-${type}-${stream}`;
}
