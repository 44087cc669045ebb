import type { ByteStream } from '../base/ports.ts';
import { JuteWriter } from '../wire/jute-writer.ts';

const KEPT_BYTES = 4 << 20;

/** What is to be sent to one peer: gathered in a buffer, handed to the network in one piece a turn. */
export class PeerOutput {
  /** Packets go in here. Valid until the next `flush`. */
  writer = new JuteWriter(4096);
  readonly #stream: ByteStream;

  constructor(stream: ByteStream) {
    this.#stream = stream;
  }

  /** Bytes not taken by the network yet. */
  get backlogBytes(): number {
    return this.writer.length + this.#stream.queuedBytes;
  }

  flush(): void {
    if (this.writer.length === 0) return;
    const canReuse = this.#stream.write(this.writer.bytes());
    if (canReuse && this.writer.capacity <= KEPT_BYTES) this.writer.clear();
    else this.writer = new JuteWriter(4096);
  }
}
