import type { AuthId } from '../tree/acl.ts';
import { ErrorCode } from '../wire/error-code.ts';
import type { JuteReader } from '../wire/jute-reader.ts';
import { readAuthPacket, readGetSaslRequest, writeSetSaslResponse } from '../wire/records/auth.ts';
import type { ClientConnection } from './client-connection.ts';
import type { ServerCore } from './server-core.ts';

const EMPTY = new Uint8Array(0);

/** Answered where it stands, before replies that are still due (protocol §1.9). */
export function answerAuth(
  core: ServerCore,
  connection: ClientConnection,
  xid: number,
  reader: JuteReader,
): void {
  const packet = readAuthPacket(reader);
  const { remoteAddress } = connection.socket;
  const ids = core.authenticator.authenticate(packet.scheme, packet.auth ?? EMPTY, remoteAddress);
  if (ids !== null && ids !== 'cut-off') {
    addIds(connection, ids);
    connection.reply(xid, 0, ErrorCode.ok);
    return;
  }
  core.counters.authFailedCount++;
  if (ids === 'cut-off') {
    connection.destroy();
    return;
  }
  connection.reply(xid, 0, ErrorCode.authFailed);
  connection.end();
}

/** As above. Where there is no SASL any token is answered by null; where there is, null is none, and ends the connection. */
export function answerSasl(
  core: ServerCore,
  connection: ClientConnection,
  xid: number,
  reader: JuteReader,
): void {
  const { token } = readGetSaslRequest(reader);
  connection.sasl ??= core.authenticator.beginSasl();
  if (connection.sasl === null) {
    replySasl(connection, xid, { err: ErrorCode.ok, token: null });
    return;
  }
  if (token === null) {
    connection.destroy();
    return;
  }
  const answer = connection.sasl.answer(token);
  if (answer !== null) {
    addIds(connection, answer.ids);
    replySasl(connection, xid, { err: ErrorCode.ok, token: answer.token });
    return;
  }
  core.counters.authFailedCount++;
  const err = core.authenticator.saslFailure;
  replySasl(connection, xid, { err, token: null });
  if (err !== ErrorCode.ok) connection.end();
}

function replySasl(
  connection: ClientConnection,
  xid: number,
  { err, token }: { readonly err: ErrorCode; readonly token: Uint8Array | null },
): void {
  // The one reply with an error and a body.
  writeSetSaslResponse(connection.beginReply(xid, 0, err), { token });
  connection.endReply();
}

/** A request of somebody who has to say first who it is: Apache has this one code for it, whatever the scheme. */
export function answerUnadmitted(core: ServerCore, connection: ClientConnection, xid: number): void {
  core.counters.authFailedCount++;
  connection.reply(xid, 0, ErrorCode.sessionClosedRequireSaslAuth);
  connection.end();
}

function addIds(connection: ClientConnection, ids: readonly AuthId[]): void {
  for (const id of ids) {
    if (connection.ids.some((known) => known.scheme === id.scheme && known.id === id.id)) continue;
    connection.ids.push(id);
  }
}
