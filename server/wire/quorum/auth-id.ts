import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** One identity of the client's connection a request came over (protocol §7.1), jute's `Id`. */
export interface AuthId {
  readonly scheme: string;
  readonly id: string;
}

export function readAuthId(reader: JuteReader): AuthId {
  return { scheme: reader.string(), id: reader.string() };
}

export function writeAuthId(writer: JuteWriter, id: AuthId): void {
  writer.string(id.scheme);
  writer.string(id.id);
}
