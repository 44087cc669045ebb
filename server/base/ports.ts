/**
 * What every part of the core asks of the world around it, besides the disk (`storage/disk.ts`). The real shell
 * binds these to sockets and timers, the simulator to a seeded virtual world.
 */

export interface Clock {
  /** For time-outs: never goes back, unaffected by the wall clock. ms. */
  monotonicMs(): number;
  /** For ctime and mtime only. ms since 1970. */
  wallMs(): number;
}

/** Takes back a timer or a dial. Harmless when it has come to its end already. */
export type Cancel = () => void;

export interface Timers {
  /** Calls once, not before `delayMs` have passed and never before it has returned. */
  after(delayMs: number, callback: () => void): Cancel;
}

/** One TCP connection. Bytes, not messages: they arrive in any segmentation. */
export interface ByteStream {
  /** Textual, without a port. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Of a certificate that was shown and is trusted, as RFC 2253 writes it; null without one, none where there is no TLS. */
  readonly certificateSubject?: string | null | undefined;
  /** Bytes written and not yet taken by the network. */
  readonly queuedBytes: number;
  /** True if the bytes are out and their memory may be used again; otherwise the stream keeps the memory. */
  write(bytes: Uint8Array): boolean;
  /** Sends what was written, then closes. */
  end(): void;
  /** Closes now; what was not sent is lost. */
  destroy(): void;
  pause(): void;
  resume(): void;
}

/** What a connection does with what the network brings. */
export interface StreamHandler {
  /** The chunk's memory is good during the call only. */
  onBytes(chunk: Uint8Array): void;
  /** The network took what was queued. */
  onDrain(): void;
  /** Once, whichever side closed it, also after `destroy`. Nothing comes after it. */
  onClosed(): void;
}

/** Takes a connection that has come, and says who looks after it. */
export type Accept = (stream: ByteStream) => StreamHandler;

export interface Endpoint {
  /** A name or an address, as the configuration has it. */
  readonly host: string;
  readonly port: number;
}

export interface Dialer {
  /**
   * Opens a connection. Exactly one of `onOpen` and `onFailed` is called, never before this has returned, and
   * neither after it was cancelled. `why` is one line for the log.
   */
  dial(
    to: Endpoint,
    options: {
      readonly timeoutMs: number;
      readonly onOpen: Accept;
      readonly onFailed: (why: string) => void;
    },
  ): Cancel;
}

/** Asks the shell for one call back when the work of this turn of the event loop is done. */
export type ScheduleEndOfTurn = () => void;
