import type { Socket } from 'node:net';
import type { Prng } from '../../../server/base/prng.ts';
import { graverEnd, type Sink, Stage } from './stage.ts';
import type { Toxic } from './toxic.ts';
import type { Chunk, StreamEnd } from './toxics/toxic-type.ts';

/** A toxic gets the stream in pieces of this size at most, as Toxiproxy reads it. */
const CHUNK_BYTES_MAX = 32 * 1024;

export interface LinkOptions {
  readonly source: Socket;
  readonly destination: Socket;
  readonly toxics: readonly Toxic[];
  /** What a toxic on this connection draws from. */
  readonly randomOf: (toxic: Toxic) => Prng;
  /** The stream has ended, and everything before that is written. Again, when the end gets worse. */
  readonly onEnd: (end: StreamEnd) => void;
}

/**
 * One direction of one connection: what is read from the source passes the toxics in their order and is written to
 * the destination. The source is read only as fast as the first of them takes it, and without toxics as fast as
 * the destination does.
 */
export class Link {
  readonly #source: Socket;
  readonly #destination: Socket;
  readonly #randomOf: (toxic: Toxic) => Prng;
  readonly #writer: Sink;
  readonly #stages: Stage[] = [];
  #isPaused = false;

  /** Reads nothing yet: see `begin`. */
  constructor({ source, destination, toxics, randomOf, onEnd }: LinkOptions) {
    this.#source = source;
    this.#destination = destination;
    this.#randomOf = randomOf;
    this.#writer = writerTo(destination, onEnd);
    for (const toxic of toxics) this.#append(toxic);
    source.on('data', (data) => this.#onData(data));
    destination.on('drain', () => this.#settle());
  }

  begin(): void {
    for (const stage of this.#stages) stage.begin();
    this.#source.resume();
  }

  /** At the end of the chain. What other toxics hold stays with them. */
  insert(toxic: Toxic): void {
    this.#append(toxic).begin();
    this.#settle();
  }

  update(toxic: Toxic): void {
    this.#stageOf(toxic)?.begin();
    this.#settle();
  }

  /** What the toxic holds goes on at once. */
  remove(toxic: Toxic): void {
    const stage = this.#stageOf(toxic);
    if (stage === undefined || !stage.detach()) return;
    this.#stages.splice(this.#stages.indexOf(stage), 1);
    this.#connect();
    this.#settle();
  }

  /** Nothing comes from the source any more. */
  sourceEnded(end: StreamEnd): void {
    (this.#stages[0] ?? this.#writer).end(end);
  }

  /** What is still on its way is of no use to anybody. */
  discard(): void {
    for (const stage of this.#stages) stage.discard();
  }

  #onData(data: Buffer): void {
    const first = this.#stages[0];
    if (first === undefined) {
      // The plain relay: no chunk, no clock.
      if (this.#destination.writable && !this.#destination.write(data)) this.#pause();
      return;
    }
    const arrivedMs = performance.now();
    for (let at = 0; at < data.length; at += CHUNK_BYTES_MAX) {
      first.push({ data: data.subarray(at, at + CHUNK_BYTES_MAX), arrivedMs });
    }
    if (first.isFull) this.#pause();
  }

  #append(toxic: Toxic): Stage {
    const stage = new Stage(toxic, this.#writer, this.#randomOf(toxic));
    this.#stages.push(stage);
    this.#connect();
    return stage;
  }

  #connect(): void {
    const stages = this.#stages;
    for (const [index, stage] of stages.entries()) {
      stage.next = stages[index + 1] ?? this.#writer;
      const previous = stages[index - 1];
      stage.onSpace = previous === undefined ? () => this.#resume() : () => previous.pump();
    }
  }

  #stageOf(toxic: Toxic): Stage | undefined {
    return this.#stages.find((stage) => stage.toxic === toxic);
  }

  /** There may be space where there was none. */
  #settle(): void {
    for (const stage of this.#stages.toReversed()) stage.pump();
    if ((this.#stages[0] ?? this.#writer).isFull) this.#pause();
    else this.#resume();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#source.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#source.resume();
  }
}

function writerTo(destination: Socket, onEnd: (end: StreamEnd) => void): Sink {
  let ended: StreamEnd | null = null;
  return {
    get isFull() {
      return destination.writableNeedDrain;
    },
    push({ data }: Chunk) {
      if (ended === null && destination.writable) destination.write(data);
    },
    end(end) {
      const grave = graverEnd(ended, end);
      if (grave === ended) return;
      ended = grave;
      onEnd(grave);
    },
  };
}
