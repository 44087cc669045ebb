import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** One identity of a connection. */
export interface ClientInfo {
  readonly authScheme: string;
  readonly user: string | null;
}

export function readClientInfo(reader: JuteReader): ClientInfo {
  return { authScheme: reader.string(), user: reader.nullableString() };
}

export function writeClientInfo(writer: JuteWriter, info: ClientInfo): void {
  writer.string(info.authScheme);
  writer.string(info.user);
}

export interface WhoAmIResponse {
  /** In no particular order. */
  readonly clientInfo: readonly ClientInfo[] | null;
}

export function readWhoAmIResponse(reader: JuteReader): WhoAmIResponse {
  return { clientInfo: reader.vector(readClientInfo) };
}

export function writeWhoAmIResponse(writer: JuteWriter, response: WhoAmIResponse): void {
  writer.vector(response.clientInfo, writeClientInfo);
}
