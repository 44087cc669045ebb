import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { type Acl, readAcl, writeAcl } from './acl.ts';
import { type Stat, readStat, writeStat } from './stat.ts';

/** `flags` of a `CreateRequest`. */
export const CreateMode = {
  persistent: 0,
  ephemeral: 1,
  persistentSequential: 2,
  ephemeralSequential: 3,
  container: 4,
  persistentWithTtl: 5,
  persistentSequentialWithTtl: 6,
} as const;

/** Of create, create2 and createContainer. */
export interface CreateRequest {
  readonly path: string;
  readonly data: Uint8Array | null;
  readonly acl: readonly Acl[] | null;
  /** One of `CreateMode`, if the client plays by the rules. */
  readonly flags: number;
}

export function readCreateRequest(reader: JuteReader): CreateRequest {
  return { path: reader.string(), data: reader.buffer(), acl: reader.vector(readAcl), flags: reader.int() };
}

export function writeCreateRequest(writer: JuteWriter, request: CreateRequest): void {
  writer.string(request.path);
  writer.buffer(request.data);
  writer.vector(request.acl, writeAcl);
  writer.int(request.flags);
}

export interface CreateTtlRequest extends CreateRequest {
  /** In ms; 64 bits on the wire, 40 allowed. */
  readonly ttl: number;
}

export function readCreateTtlRequest(reader: JuteReader): CreateTtlRequest {
  return {
    path: reader.string(),
    data: reader.buffer(),
    acl: reader.vector(readAcl),
    flags: reader.int(),
    ttl: reader.long(),
  };
}

export function writeCreateTtlRequest(writer: JuteWriter, request: CreateTtlRequest): void {
  writeCreateRequest(writer, request);
  writer.long(request.ttl);
}

export interface CreateResponse {
  /** The final path, with its sequence number. */
  readonly path: string;
}

export function readCreateResponse(reader: JuteReader): CreateResponse {
  return { path: reader.string() };
}

export function writeCreateResponse(writer: JuteWriter, response: CreateResponse): void {
  writer.string(response.path);
}

/** Of create2, createContainer and createTtl. */
export interface Create2Response {
  readonly path: string;
  readonly stat: Stat;
}

export function readCreate2Response(reader: JuteReader): Create2Response {
  return { path: reader.string(), stat: readStat(reader) };
}

export function writeCreate2Response(writer: JuteWriter, response: Create2Response): void {
  writer.string(response.path);
  writeStat(writer, response.stat);
}
