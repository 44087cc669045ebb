import type { ByteStream, StreamHandler } from '../base/ports.ts';
import { type InitialMessage, initialMessageLength } from '../wire/election/initial-message.ts';
import { readInitialMessage } from '../wire/election/initial-message.ts';
import {
  type Notification,
  NOTIFICATION_BYTES_MAX,
  readNotification,
} from '../wire/election/notification.ts';
import { FrameDecoder } from '../wire/frame-decoder.ts';
import { JuteReader } from '../wire/jute-reader.ts';
import { WireError } from '../wire/wire-error.ts';

const EMPTY = new Uint8Array(0);

/** Who looks after a connection. Each call may close it. */
export interface ConnectionOwner {
  /** Only from a connection that was accepted, once and first. */
  onIdentified(connection: ElectionConnection, message: InitialMessage): void;
  onNotification(connection: ElectionConnection, notification: Notification): void;
  /** The network took what was written. */
  onDrain(connection: ElectionConnection): void;
  /** The other side speaks something else. The connection is closed already, and `onClosed` does not follow. */
  onGarbage(connection: ElectionConnection, why: WireError): void;
  /** The other side or the network closed it. Not called after `destroy` or `end`. */
  onClosed(connection: ElectionConnection): void;
}

/** One connection between election ports: bytes on one side, whole messages on the other. */
export class ElectionConnection implements StreamHandler {
  owner: ConnectionOwner;
  readonly #stream: ByteStream;
  readonly #decoder = new FrameDecoder(NOTIFICATION_BYTES_MAX);
  readonly #reader = new JuteReader();
  /** The beginning of an initial message; null once it has come, or when none is expected. */
  #beginning: Uint8Array | null;
  #isOpen = true;
  #isCongested = false;

  constructor(stream: ByteStream, owner: ConnectionOwner, options: { readonly isAccepted: boolean }) {
    this.#stream = stream;
    this.owner = owner;
    this.#beginning = options.isAccepted ? EMPTY : null;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get remote(): string {
    return `${this.#stream.remoteAddress}:${this.#stream.remotePort}`;
  }

  /** Whether something that was written is still here; `onDrain` follows when it has gone. */
  get isCongested(): boolean {
    return this.#isCongested;
  }

  /** The stream may keep `bytes`. */
  write(bytes: Uint8Array): void {
    if (this.#isOpen && !this.#stream.write(bytes)) this.#isCongested = true;
  }

  /** Sends what was written, then closes. Nothing that comes is looked at any more. */
  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stream.end();
  }

  destroy(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stream.destroy();
  }

  onBytes(chunk: Uint8Array): void {
    if (!this.#isOpen) return;
    try {
      const rest = this.#beginning === null ? chunk : this.#readInitial(this.#beginning, chunk);
      this.#readNotifications(rest);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.destroy();
      this.owner.onGarbage(this, error);
    }
  }

  onDrain(): void {
    this.#isCongested = false;
    if (this.#isOpen) this.owner.onDrain(this);
  }

  onClosed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.owner.onClosed(this);
  }

  /** Returns what stands behind the initial message, if that is complete and the connection still wanted. */
  #readInitial(beginning: Uint8Array, chunk: Uint8Array): Uint8Array {
    let have = beginning;
    let rest = chunk;
    for (;;) {
      const needed = initialMessageLength(have);
      if (needed === have.length) break;
      if (rest.length === 0) {
        this.#beginning = have;
        return rest;
      }
      const taken = Math.min(needed - have.length, rest.length);
      have = joined(have, rest.subarray(0, taken));
      rest = rest.subarray(taken);
    }
    this.#beginning = null;
    this.owner.onIdentified(this, readInitialMessage(new JuteReader(have)));
    return rest;
  }

  #readNotifications(bytes: Uint8Array): void {
    const decoder = this.#decoder;
    if (bytes.length > 0) decoder.push(bytes);
    while (this.#isOpen && decoder.next()) {
      this.#reader.reset(decoder.bytes, decoder.view, decoder.start, decoder.end);
      this.owner.onNotification(this, readNotification(this.#reader));
    }
    decoder.keep();
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}
