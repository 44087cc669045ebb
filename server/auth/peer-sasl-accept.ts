import type { Log } from '../base/log.ts';
import type { Accept, ByteStream, StreamHandler } from '../base/ports.ts';
import {
  AuthStatus,
  authPacket,
  authPacketLength,
  isAuthPacket,
  readAuthPacket,
} from '../wire/quorum/auth-packet.ts';
import { initialMessageLength } from '../wire/election/initial-message.ts';
import { WireError } from '../wire/wire-error.ts';
import { DigestMd5Exchange } from './digest-md5.ts';
import { type Greeting, type PeerSaslConfig, QUORUM_SERVICE } from './peer-sasl-config.ts';

const NOTHING = new Uint8Array(0);

export interface PeerSaslAcceptOptions {
  readonly config: Pick<PeerSaslConfig, 'users' | 'isRequired'>;
  readonly greeting: Greeting;
  readonly log: Log;
}

/**
 * Hands connections of other servers to `accept` with all they say, but only once they have proved who they are, or
 * begin with something else where they need not. Who does not is closed; who says nothing is for `accept` to close.
 */
export function acceptBySasl(accept: Accept, options: PeerSaslAcceptOptions): Accept {
  return (stream) => new Candidate(stream, accept(stream), options);
}

class Candidate implements StreamHandler {
  readonly #stream: ByteStream;
  readonly #handler: StreamHandler;
  readonly #options: PeerSaslAcceptOptions;
  readonly #exchange: DigestMd5Exchange;
  #state: 'greeting' | 'before' | 'exchange' | 'passed' | 'refused';
  #greeting: Uint8Array = NOTHING;
  /** What has come and is not understood yet. */
  #bytes: Uint8Array = NOTHING;

  constructor(stream: ByteStream, handler: StreamHandler, options: PeerSaslAcceptOptions) {
    this.#stream = stream;
    this.#handler = handler;
    this.#options = options;
    this.#exchange = new DigestMd5Exchange({ users: options.config.users, ...QUORUM_SERVICE });
    this.#state = options.greeting === 'none' ? 'before' : 'greeting';
  }

  onBytes(chunk: Uint8Array): void {
    if (this.#state === 'refused') return;
    if (this.#state === 'passed') {
      this.#handler.onBytes(chunk);
      return;
    }
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    try {
      while (this.#step());
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#refuse(error.message);
    }
  }

  onDrain(): void {
    this.#handler.onDrain();
  }

  onClosed(): void {
    // Of two servers the one with the smaller id only says who it is, and goes.
    if (this.#state === 'before' && !this.#options.config.isRequired) this.#pass();
    this.#handler.onClosed();
  }

  /** @returns whether there may be more to do with what has come. */
  #step(): boolean {
    if (this.#state === 'greeting') {
      const length = initialMessageLength(this.#bytes);
      if (this.#bytes.length < length) return false;
      this.#greeting = this.#take(length);
      this.#state = 'before';
    }
    if (this.#state === 'before') {
      const isAuth = isAuthPacket(this.#bytes);
      if (isAuth === 'unknown') return false;
      if (isAuth) this.#state = 'exchange';
      else if (this.#options.config.isRequired) this.#refuse('it does not authenticate, and has to');
      else this.#pass();
    }
    if (this.#state !== 'exchange') return false;
    const length = authPacketLength(this.#bytes);
    if (this.#bytes.length < length) return false;
    this.#answer(readAuthPacket(this.#take(length)).token);
    return true;
  }

  #answer(token: Uint8Array): void {
    const answer = this.#exchange.answer(token);
    if (answer === null) {
      this.#refuse('it has authenticated as nobody whose password is known');
      return;
    }
    const { user } = answer;
    const status = user === null ? AuthStatus.inProgress : AuthStatus.success;
    this.#stream.write(authPacket({ status, token: answer.token }));
    if (user === null) return;
    this.#options.log.debug('QuorumAuth', `${this.#stream.remoteAddress} is ${user}`);
    this.#pass();
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  #pass(): void {
    this.#state = 'passed';
    for (const bytes of [this.#greeting, this.#bytes]) if (bytes.length > 0) this.#handler.onBytes(bytes);
    this.#greeting = this.#bytes = NOTHING;
  }

  #refuse(why: string): void {
    this.#state = 'refused';
    this.#options.log.warn('QuorumAuth', `${this.#stream.remoteAddress}: ${why}; closed`);
    this.#stream.write(authPacket({ status: AuthStatus.error, token: NOTHING }));
    this.#stream.end();
  }
}
