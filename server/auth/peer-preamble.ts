import type { StreamHandler } from '../base/ports.ts';
import { WireError } from '../wire/wire-error.ts';

const NOTHING = new Uint8Array(0);

/**
 * What two servers say to each other before a connection is its handler's: bytes gather until a step understands them,
 * and go through as they come once it has passed. After a refusal nothing is heard.
 */
export class PeerPreamble {
  readonly #handler: StreamHandler;
  readonly #step: (preamble: PeerPreamble) => boolean;
  readonly #refuse: (why: string) => void;
  #state: 'open' | 'passed' | 'refused' = 'open';
  #bytes: Uint8Array = NOTHING;

  /** `step` says whether there may be more to do with what has come; a WireError of it is a reason to `refuse`. */
  constructor(
    handler: StreamHandler,
    on: { readonly step: (preamble: PeerPreamble) => boolean; readonly refuse: (why: string) => void },
  ) {
    this.#handler = handler;
    this.#step = on.step;
    this.#refuse = on.refuse;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get hasPassed(): boolean {
    return this.#state === 'passed';
  }

  /** What has come and is not understood yet. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  onBytes(chunk: Uint8Array): void {
    if (this.#state === 'refused') return;
    if (this.#state === 'passed') {
      this.#handler.onBytes(chunk);
      return;
    }
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    try {
      while (this.isOpen && this.#step(this));
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#refuse(error.message);
    }
  }

  take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  /** The handler gets `first` and what else has come. */
  pass(first: Uint8Array = NOTHING): void {
    this.#state = 'passed';
    const rest = this.#bytes;
    this.#bytes = NOTHING;
    for (const bytes of [first, rest]) if (bytes.length > 0) this.#handler.onBytes(bytes);
  }

  refuse(): void {
    this.#state = 'refused';
  }
}
