import { Prng } from '../../../../server/base/prng.ts';
import { type Sink, Stage } from '../stage.ts';
import { Toxic } from '../toxic.ts';
import type { Chunk, StreamEnd } from '../toxics/toxic-type.ts';
import { toxicTypeOf } from '../toxics/toxic-types.ts';
import { FakeClock } from './fake-clock.ts';

/** What came out, when. */
export interface Outcome {
  readonly atMs: number;
  readonly data: Buffer;
}

/** One toxic between a sender and a receiver, in a time of its own. */
export class Line {
  readonly clock = new FakeClock();
  readonly out: Outcome[] = [];
  readonly ends: StreamEnd[] = [];
  readonly toxic: Toxic;
  readonly stage: Stage;
  /** The receiver takes no more. */
  isFull = false;

  constructor(
    typeName: string,
    attributes: Record<string, number>,
    options: { toxicity?: number; seed?: number } = {},
  ) {
    const type = toxicTypeOf(typeName, false);
    if (type === undefined) throw new Error(`there is no toxic ${typeName}`);
    const { toxicity = 1, seed = 1 } = options;
    const defaults = Object.entries(type.attributes).map(([name, spec]) => [name, spec.default ?? 0]);
    this.toxic = new Toxic({
      name: typeName,
      type,
      direction: 'upstream',
      stream: 'upstream',
      toxicity,
      attributes: { ...(Object.fromEntries(defaults) as Record<string, number>), ...attributes },
      generation: 0,
    });
    this.stage = new Stage(this.toxic, this.#sink(), new Prng(seed), this.clock);
    this.stage.begin();
  }

  /** What came out so far, as one. */
  get data(): Buffer {
    return Buffer.concat(this.out.map(({ data }) => data));
  }

  get text(): string {
    return this.data.toString('latin1');
  }

  send(...pieces: readonly (string | Buffer)[]): this {
    for (const piece of pieces) {
      const data = typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece;
      this.stage.push({ data, arrivedMs: this.clock.nowMs() });
    }
    return this;
  }

  end(end: StreamEnd = 'eof'): this {
    this.stage.end(end);
    return this;
  }

  wait(ms: number): this {
    this.clock.advance(ms);
    return this;
  }

  change(attributes: Record<string, number>): this {
    Object.assign(this.toxic.attributes, attributes);
    this.stage.begin();
    return this;
  }

  #sink(): Sink {
    const isFull = (): boolean => this.isFull;
    return {
      get isFull() {
        return isFull();
      },
      push: ({ data }: Chunk) => void this.out.push({ atMs: this.clock.nowMs(), data: Buffer.from(data) }),
      end: (end) => void this.ends.push(end),
    };
  }
}
