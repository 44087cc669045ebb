import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** Of auth; comes with the xid −4. */
export interface AuthPacket {
  /** Always 0, and not looked at. */
  readonly type: number;
  readonly scheme: string;
  readonly auth: Uint8Array | null;
}

export function readAuthPacket(reader: JuteReader): AuthPacket {
  return { type: reader.int(), scheme: reader.string(), auth: reader.buffer() };
}

export function writeAuthPacket(writer: JuteWriter, packet: AuthPacket): void {
  writer.int(packet.type);
  writer.string(packet.scheme);
  writer.buffer(packet.auth);
}

/** Of sasl. */
export interface GetSaslRequest {
  readonly token: Uint8Array | null;
}

export function readGetSaslRequest(reader: JuteReader): GetSaslRequest {
  return { token: reader.buffer() };
}

export function writeGetSaslRequest(writer: JuteWriter, request: GetSaslRequest): void {
  writer.buffer(request.token);
}

export interface SetSaslResponse {
  /** Null where the authentication has failed. */
  readonly token: Uint8Array | null;
}

export function readSetSaslResponse(reader: JuteReader): SetSaslResponse {
  return { token: reader.buffer() };
}

export function writeSetSaslResponse(writer: JuteWriter, response: SetSaslResponse): void {
  writer.buffer(response.token);
}
