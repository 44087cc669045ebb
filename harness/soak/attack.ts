import { connect, type Socket } from 'node:net';
import { JuteWriter } from '../../server/wire/jute-writer.ts';
import { writeConnectRequest } from '../../server/wire/records/connect.ts';
import { ZXID_ZERO } from '../../server/base/zxid.ts';
import { NO_SESSION } from '../../server/base/session-id.ts';
import type { Client } from '../client/client.ts';

/** Whom to hurt, and until when. */
export interface Battle {
  readonly host: string;
  readonly port: number;
  readonly isOver: () => boolean;
  /** A client with a session, which ends with the battle. */
  readonly client: () => Promise<Client>;
  /** A connection without a word said. What happens to it is nobody's concern. */
  readonly socket: () => Socket;
  /** So many more of this attack. */
  readonly count: () => void;
  readonly pause: (ms: number) => Promise<void>;
}

/** A client that means harm, or does not know better. */
export interface Attack {
  readonly name: string;
  readonly doc: string;
  run(battle: Battle): Promise<void>;
}

export function openSocket({ host, port }: { readonly host: string; readonly port: number }): Socket {
  const socket = connect({ host, port });
  // Being refused and thrown out is what it is about.
  socket.on('error', () => undefined);
  return socket;
}

/** A handshake, ready to send. */
export function handshake(): Uint8Array {
  return framed((writer) =>
    writeConnectRequest(writer, {
      protocolVersion: 0,
      lastZxidSeen: ZXID_ZERO,
      timeOut: 30_000,
      sessionId: NO_SESSION,
      passwd: new Uint8Array(16),
      readOnly: false,
    }),
  );
}

export function framed(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter();
  const at = writer.reserveInt();
  write(writer);
  writer.endFrame(at);
  return writer.bytes().slice();
}
