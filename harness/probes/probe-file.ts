import { close, openSync, readFileSync, write, writeSync } from 'node:fs';
import { z } from 'zod';
import { assert } from '../../server/base/assert.ts';
import type { ServerRole } from '../ensemble/ensemble.ts';
import { PROBE_CLASSES } from './probe-record.ts';
import type { ProbeLog, ProbeRecord, RoleObservation } from './probe-record.ts';

/*
 * The file of a prober. Everything is little-endian.
 *
 * ```text
 * file    "STPROBES" u32 version u32 bytes  header (JSON, so many bytes)  record*
 * record  u8 type  u8 detail  u16 target or server id  i32 outcome  f64 f64 f64
 *   0     a probe: its class; intended, sent, completed, in ns
 *   1     a role: its number; asked, 0, answered
 *   2     the end: how many records came before it, as the first f64
 * ```
 *
 * Records are of one length and only ever appended: of a prober that was killed every whole record is good, and
 * what is left over of one is no record.
 */

const MAGIC = 'STPROBES';
const FORMAT_VERSION = 1;
const PREFIX_BYTES = 16;
const RECORD_BYTES = 32;
const TYPE = { probe: 0, role: 1, end: 2 } as const;
const ROLES: readonly (ServerRole | null)[] = [null, 'leader', 'follower', 'observer', 'standalone'];
const BUFFER_BYTES = 16 * 1024;

/** What stands at the head of the file. */
export type ProbeHeader = Pick<ProbeLog, 'targets' | 'deadlineMs' | 'dialPauseMs'>;

const positive = z.number().positive();
const headerSchema: z.ZodType<ProbeHeader> = z.object({
  targets: z.array(
    z.object({
      serverId: z.int().nullable(),
      intervalMs: z.object({
        read: positive,
        syncRead: positive,
        write: positive,
        session: positive,
        watch: positive,
      }),
    }),
  ),
  deadlineMs: positive,
  dialPauseMs: positive,
});

export class ProbeFileError extends Error {
  override readonly name = 'ProbeFileError';
  readonly code: 'NOT_A_PROBE_FILE' | 'UNKNOWN_VERSION' | 'WRITE_FAILED';

  constructor(code: ProbeFileError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Appends to a probe file. Recording copies 32 bytes; `flush`, called every so often, hands them to the disk and
 * does not wait. What a kill may take is what was recorded since the last flush.
 */
export class ProbeFileWriter {
  readonly #path: string;
  readonly #fd: number;
  #gathering = new DataView(new ArrayBuffer(BUFFER_BYTES));
  #spare = new DataView(new ArrayBuffer(BUFFER_BYTES));
  #length = 0;
  #records = 0;
  #isWriting = false;
  #failure: Error | null = null;
  #onIdle: (() => void) | null = null;

  /** @throws if `path` exists, or its directory doesn't. */
  constructor(path: string, header: ProbeHeader) {
    this.#path = path;
    this.#fd = openSync(path, 'wx');
    writeSync(this.#fd, encodeHeader(header));
  }

  probe(record: ProbeRecord): void {
    this.#append(TYPE.probe, PROBE_CLASSES.indexOf(record.probeClass), record.target, record.outcome, [
      record.intendedNs,
      record.sentNs,
      record.completedNs,
    ]);
  }

  role(seen: RoleObservation): void {
    this.#append(TYPE.role, ROLES.indexOf(seen.role), seen.serverId, 0, [seen.askedNs, 0, seen.answeredNs]);
  }

  flush(): void {
    if (this.#isWriting || this.#length === 0 || this.#failure !== null) return;
    const bytes = new Uint8Array(this.#gathering.buffer, 0, this.#length);
    [this.#gathering, this.#spare] = [this.#spare, this.#gathering];
    this.#length = 0;
    this.#isWriting = true;
    write(this.#fd, bytes, 0, bytes.length, null, (error, written) => {
      this.#isWriting = false;
      if (error === null && written < bytes.length) {
        error = new Error(`wrote ${written} of ${bytes.length} bytes`);
      }
      this.#failure ??= error;
      this.#onIdle?.();
    });
  }

  /** Writes what is left and the mark that nothing is missing. @throws ProbeFileError if anything is. */
  async close(): Promise<void> {
    this.#append(TYPE.end, 0, 0, 0, [this.#records, 0, 0]);
    while (this.#isWriting || (this.#length > 0 && this.#failure === null)) {
      this.flush();
      await new Promise<void>((resolve) => (this.#onIdle = resolve));
    }
    await new Promise<void>((resolve) => close(this.#fd, () => resolve()));
    if (this.#failure !== null) {
      throw new ProbeFileError('WRITE_FAILED', `${this.#path} is not complete`, { cause: this.#failure });
    }
  }

  #append(type: number, detail: number, id: number, outcome: number, times: readonly number[]): void {
    if (this.#length + RECORD_BYTES > this.#gathering.byteLength) this.#grow();
    const view = this.#gathering;
    const at = this.#length;
    view.setUint8(at, type);
    view.setUint8(at + 1, detail);
    view.setUint16(at + 2, id, true);
    view.setInt32(at + 4, outcome, true);
    for (let i = 0; i < 3; i++) view.setFloat64(at + 8 + 8 * i, times[i] ?? 0, true);
    this.#length += RECORD_BYTES;
    this.#records++;
  }

  /** The disk is slow to take the buffer before this one: a few seconds of it are some hundred KiB. */
  #grow(): void {
    const larger = new ArrayBuffer(this.#gathering.byteLength * 2);
    new Uint8Array(larger).set(new Uint8Array(this.#gathering.buffer, 0, this.#length));
    this.#gathering = new DataView(larger);
  }
}

/** @throws ProbeFileError for what is none, or a newer one; what `fs` throws where there is no file. */
export function readProbeFile(path: string): ProbeLog {
  const bytes = readFileSync(path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = decodeHeader(bytes, path);
  const records: ProbeRecord[] = [];
  const roles: RoleObservation[] = [];
  let isComplete = false;
  for (let at = header.end; at + RECORD_BYTES <= bytes.length && !isComplete; at += RECORD_BYTES) {
    const count = (at - header.end) / RECORD_BYTES;
    const [first, second, third] = [8, 16, 24].map((offset) => view.getFloat64(at + offset, true));
    assert(first !== undefined && second !== undefined && third !== undefined, 'a record has three times');
    const detail = view.getUint8(at + 1);
    const id = view.getUint16(at + 2, true);
    switch (view.getUint8(at)) {
      case TYPE.probe: {
        const probeClass = PROBE_CLASSES[detail];
        if (probeClass === undefined || id >= header.value.targets.length) throw notOurs(path);
        const outcome = view.getInt32(at + 4, true);
        records.push({
          probeClass,
          target: id,
          intendedNs: first,
          sentNs: second,
          completedNs: third,
          outcome,
        });
        break;
      }
      case TYPE.role: {
        const role = ROLES[detail];
        if (role === undefined) throw notOurs(path);
        roles.push({ serverId: id, askedNs: first, answeredNs: third, role });
        break;
      }
      case TYPE.end:
        isComplete = first === count;
        break;
      default:
        throw notOurs(path);
    }
  }
  return { ...header.value, records, roles, isComplete };
}

function encodeHeader(header: ProbeHeader): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(headerSchema.parse(header)));
  const bytes = new Uint8Array(PREFIX_BYTES + json.length);
  bytes.set(new TextEncoder().encode(MAGIC));
  const view = new DataView(bytes.buffer);
  view.setUint32(8, FORMAT_VERSION, true);
  view.setUint32(12, json.length, true);
  bytes.set(json, PREFIX_BYTES);
  return bytes;
}

function decodeHeader(bytes: Buffer, path: string): { readonly value: ProbeHeader; readonly end: number } {
  if (bytes.length < PREFIX_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) throw notOurs(path);
  const version = bytes.readUInt32LE(8);
  if (version !== FORMAT_VERSION) {
    throw new ProbeFileError(
      'UNKNOWN_VERSION',
      `${path} has format ${version}, this reads ${FORMAT_VERSION}`,
    );
  }
  const end = PREFIX_BYTES + bytes.readUInt32LE(12);
  try {
    const json: unknown = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, end));
    return { value: headerSchema.parse(json), end };
  } catch (cause) {
    throw notOurs(path, cause);
  }
}

function notOurs(path: string, cause?: unknown): ProbeFileError {
  return new ProbeFileError('NOT_A_PROBE_FILE', `${path} is not a probe file, or is damaged`, { cause });
}
