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
import { DigestMd5Exchange } from './digest-md5.ts';
import { PeerPreamble } from './peer-preamble.ts';
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
  readonly #preamble: PeerPreamble;
  #next: 'greeting' | 'before' | 'exchange';
  #greeting: Uint8Array = NOTHING;

  constructor(stream: ByteStream, handler: StreamHandler, options: PeerSaslAcceptOptions) {
    this.#stream = stream;
    this.#handler = handler;
    this.#options = options;
    this.#exchange = new DigestMd5Exchange({ users: options.config.users, ...QUORUM_SERVICE });
    this.#next = options.greeting === 'none' ? 'before' : 'greeting';
    this.#preamble = new PeerPreamble(handler, {
      step: (preamble) => this.#step(preamble),
      refuse: (why) => this.#refuse(why),
    });
  }

  onBytes(chunk: Uint8Array): void {
    this.#preamble.onBytes(chunk);
  }

  onDrain(): void {
    this.#handler.onDrain();
  }

  onClosed(): void {
    // Of two servers the one with the smaller id only says who it is, and goes.
    if (this.#isBefore() && !this.#options.config.isRequired) this.#pass();
    this.#handler.onClosed();
  }

  #isBefore(): boolean {
    return this.#preamble.isOpen && this.#next === 'before';
  }

  /** @returns whether there may be more to do with what has come. */
  #step(preamble: PeerPreamble): boolean {
    if (this.#next === 'greeting') {
      const length = initialMessageLength(preamble.bytes);
      if (preamble.bytes.length < length) return false;
      this.#greeting = preamble.take(length);
      this.#next = 'before';
    }
    if (this.#next === 'before') {
      const isAuth = isAuthPacket(preamble.bytes);
      if (isAuth === 'unknown') return false;
      if (isAuth) this.#next = 'exchange';
      else if (this.#options.config.isRequired) this.#refuse('it does not authenticate, and has to');
      else this.#pass();
    }
    if (!preamble.isOpen) return false;
    const length = authPacketLength(preamble.bytes);
    if (preamble.bytes.length < length) return false;
    this.#answer(readAuthPacket(preamble.take(length)).token);
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

  #pass(): void {
    this.#preamble.pass(this.#greeting);
    this.#greeting = NOTHING;
  }

  #refuse(why: string): void {
    this.#preamble.refuse();
    this.#options.log.warn('QuorumAuth', `${this.#stream.remoteAddress}: ${why}; closed`);
    this.#stream.write(authPacket({ status: AuthStatus.error, token: NOTHING }));
    this.#stream.end();
  }
}
