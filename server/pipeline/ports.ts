/** What the core asks of the world around it. The real shell and the simulator each bind these. */

export interface Clock {
  /** For time-outs: never goes back, unaffected by the wall clock. ms. */
  monotonicMs(): number;
  /** For ctime and mtime only. ms since 1970. */
  wallMs(): number;
}

/** One client's byte stream, as the core sees it. */
export interface ClientSocket {
  /** Textual address without a port: the connection's identity in the scheme `ip`. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Bytes written and not yet taken by the network. */
  readonly queuedBytes: number;
  /** True if the bytes are out and their memory may be used again; otherwise the socket keeps the memory. */
  write(bytes: Uint8Array): boolean;
  /** Sends what was written, then closes. */
  end(): void;
  /** Closes now; what was not sent is lost. */
  destroy(): void;
  pause(): void;
  resume(): void;
}

/** Asks the shell to call `ServerCore.endTurn` once, when the work of this event-loop turn is done. */
export type ScheduleEndOfTurn = () => void;
