import type { Prng } from '../../../../server/base/prng.ts';

/** A piece of a stream. Where one ends and the next begins means nothing to those who speak. */
export interface Chunk {
  readonly data: Buffer;
  /** When the proxy got it; a toxic that delays it moves this on. */
  readonly arrivedMs: number;
}

/**
 * How a stream ends: `eof`, its sender has nothing more to say and may still listen; `close`, the connection is
 * over; `reset`, it is over and what was on its way is worth nothing.
 */
export type StreamEnd = 'eof' | 'close' | 'reset';

/** What a toxic may do to the stream it has been put into. */
export interface Flow {
  /** Of this toxic on this connection alone. */
  readonly random: Prng;
  /** The clock that `arrivedMs` is by. */
  nowMs(): number;
  /** Hands a chunk on. */
  pass(chunk: Chunk): void;
  /** Nothing comes after this. */
  end(end: StreamEnd): void;
  /** Takes nothing in before `nowMs()` is `untilMs`, then calls `then`; where that is past, before anything else. */
  wait(untilMs: number, then: () => void): void;
  /** Takes nothing in until the toxic is changed or removed. */
  hold(): void;
  /** Calls `then` after so long, and goes on taking chunks in meanwhile. Each call sets the one alarm anew. */
  alarm(afterMs: number, then: () => void): void;
}

/**
 * One toxic in one direction of one connection. It gets one chunk at a time, in order, and the next one only when
 * it neither waits nor holds.
 */
export interface Behaviour {
  /** True once it cannot be stopped any more, because what it has done would leave a hole in the stream. */
  readonly isCommitted?: boolean;
  /** It takes effect: the connection is new, the toxic is new, or it was changed. */
  begin?(): void;
  onChunk(chunk: Chunk): void;
  /** After the last chunk; without it the end goes on as it came. If it neither ends nor waits, it is asked again. */
  onEnd?(end: StreamEnd): void;
  /** The toxic was changed or removed while it waited or held, and that is over: what it has in hand must go on. */
  release?(): void;
}

export interface AttributeSpec {
  /** An `int` is refused where it has a fraction. */
  readonly kind: 'int' | 'float';
  /** 0 unless told. */
  readonly default?: number;
}

/** A kind of toxic. */
export interface ToxicType<Names extends string = string> {
  readonly name: string;
  /** How Toxiproxy's own source calls it, which shows in its error texts. */
  readonly goName: string;
  /** Not one of Toxiproxy's: refused in stock mode. */
  readonly isExtension?: boolean;
  /** In the order in which they are listed in answers. */
  readonly attributes: Readonly<Record<Names, AttributeSpec>>;
  /** How many chunks may wait for their turn before the sender has to; 1 unless told. */
  readonly waitingMax?: number;
  /** Removing it ends every connection it was put into. */
  readonly endsOnRemoval?: boolean;
  /** `attributes` are read anew for each chunk: they change in place. */
  start(attributes: Readonly<Record<Names, number>>, flow: Flow): Behaviour;
}
