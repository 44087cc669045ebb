import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** Of check, which is legal only inside a multi. */
export interface CheckVersionRequest {
  readonly path: string;
  /** The data version the znode must have; −1 is any. */
  readonly version: number;
}

export function readCheckVersionRequest(reader: JuteReader): CheckVersionRequest {
  return { path: reader.string(), version: reader.int() };
}

export function writeCheckVersionRequest(writer: JuteWriter, request: CheckVersionRequest): void {
  writer.string(request.path);
  writer.int(request.version);
}
