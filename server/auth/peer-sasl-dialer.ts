import type { Log } from '../base/log.ts';
import type { Accept, ByteStream, Cancel, Dialer, Endpoint, StreamHandler, Timers } from '../base/ports.ts';
import {
  AuthStatus,
  authPacket,
  authPacketLength,
  readAuthPacket,
  type AuthPacket,
} from '../wire/quorum/auth-packet.ts';
import { DigestMd5Client } from './digest-md5-client.ts';
import { HeldStream } from './held-stream.ts';
import { PeerPreamble } from './peer-preamble.ts';
import { type Greeting, type PeerSaslConfig, QUORUM_SERVICE } from './peer-sasl-config.ts';

const NOTHING = new Uint8Array(0);

export interface PeerSaslDialerOptions {
  readonly self: NonNullable<PeerSaslConfig['self']>;
  readonly greeting: Greeting;
  readonly timers: Timers;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  readonly log: Log;
}

/**
 * Opens connections to other servers and proves there who this server is, behind its greeting and before all else that
 * is said. A server that does not know the password itself is not spoken to.
 */
export class PeerSaslDialer implements Dialer {
  readonly #dialer: Dialer;
  readonly #options: PeerSaslDialerOptions;

  constructor(dialer: Dialer, options: PeerSaslDialerOptions) {
    this.#dialer = dialer;
    this.#options = options;
  }

  dial(to: Endpoint, options: Parameters<Dialer['dial']>[1]): Cancel {
    return this.#dialer.dial(to, {
      ...options,
      onOpen: (stream) => new Introduction(stream, { to, onOpen: options.onOpen, ...this.#options }),
    });
  }
}

interface IntroductionOptions extends PeerSaslDialerOptions {
  readonly to: Endpoint;
  readonly onOpen: Accept;
}

class Introduction implements StreamHandler {
  readonly #stream: ByteStream;
  readonly #held: HeldStream;
  readonly #handler: StreamHandler;
  readonly #options: IntroductionOptions;
  readonly #client: DigestMd5Client;
  readonly #stopTimer: Cancel;
  readonly #preamble: PeerPreamble;

  constructor(stream: ByteStream, options: IntroductionOptions) {
    const { greeting, timers, timeoutMs, self, onOpen } = options;
    this.#stream = stream;
    this.#options = options;
    this.#held = new HeldStream(stream, { passes: greeting === 'none' ? 0 : 1 });
    this.#client = new DigestMd5Client({ ...self, ...QUORUM_SERVICE });
    this.#stopTimer = timers.after(timeoutMs, () => this.#refuse(`no answer for ${timeoutMs} ms`));
    this.#handler = onOpen(this.#held);
    this.#preamble = new PeerPreamble(this.#handler, {
      step: (preamble) => this.#step(preamble),
      refuse: (why) => this.#refuse(why),
    });
    this.#say(NOTHING);
  }

  onBytes(chunk: Uint8Array): void {
    this.#preamble.onBytes(chunk);
  }

  onDrain(): void {
    if (this.#preamble.hasPassed) this.#handler.onDrain();
  }

  onClosed(): void {
    if (this.#preamble.isOpen && !this.#held.isDestroyed)
      this.#tell('it closed the connection instead of an answer');
    this.#stopTimer();
    this.#handler.onClosed();
  }

  /** @returns whether there may be more to do with what has come. */
  #step(preamble: PeerPreamble): boolean {
    const length = authPacketLength(preamble.bytes);
    if (preamble.bytes.length < length) return false;
    this.#hear(readAuthPacket(preamble.take(length)));
    return true;
  }

  #hear({ status, token }: AuthPacket): void {
    if (status === AuthStatus.error) this.#refuse('it does not take the name or the password of this server');
    else if (status === AuthStatus.inProgress) {
      const answer = this.#client.answer(token);
      if (answer === null) this.#refuse('its challenge is not one of this service');
      else this.#say(answer);
    } else if (this.#client.isProof(token)) this.#pass();
    else this.#refuse('it has not proved that it knows the password');
  }

  #say(token: Uint8Array): void {
    this.#stream.write(authPacket({ status: AuthStatus.inProgress, token }));
  }

  #pass(): void {
    this.#stopTimer();
    if (this.#held.release()) this.#handler.onDrain();
    this.#preamble.pass();
  }

  #refuse(why: string): void {
    this.#preamble.refuse();
    this.#tell(why);
    this.#stream.destroy();
  }

  #tell(why: string): void {
    const { log, to } = this.#options;
    log.warn('QuorumAuth', `no authentication at ${to.host}:${to.port}: ${why}`);
  }
}
