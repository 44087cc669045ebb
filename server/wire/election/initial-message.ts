import type { Endpoint } from '../../base/ports.ts';
import type { ServerId } from '../../base/server-id.ts';
import { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';
import { WireError } from '../wire-error.ts';

/** The first i64 of a connection, when it is not the id of a server older than these versions. */
const VERSION_ONE_ADDRESS = -65536n;
const VERSION_MANY_ADDRESSES = -65535n;
/** The id of an observer that was given none. */
const ANONYMOUS = 2n ** 63n - 1n;

const ADDRESS_BYTES_MAX = 2048;
const VERSION_BYTES = 8;
/** Version, id and length. */
const HEADER_BYTES = VERSION_BYTES + 8 + 4;

/** What the connecting side says first on an election port; nothing is answered (protocol §5.1). */
export interface InitialMessage {
  readonly version: 'legacy' | 'one-address' | 'many-addresses';
  /** Null for an anonymous observer. */
  readonly sid: ServerId | null;
  /** The sender's election addresses as it knows them, wildcards and all; a legacy peer says none. */
  readonly addresses: readonly Endpoint[];
}

/**
 * How many bytes the message that begins like this has, or how many must have come before that can be said. It
 * is whole once that many are there.
 * @throws WireError as soon as the beginning is no message's.
 */
export function initialMessageLength(bytes: Uint8Array): number {
  if (bytes.length < VERSION_BYTES) return VERSION_BYTES;
  const reader = new JuteReader(bytes);
  if (readVersion(reader) >= 0n) return VERSION_BYTES;
  if (bytes.length < HEADER_BYTES) return HEADER_BYTES;
  reader.bigLong();
  return HEADER_BYTES + checkedLength(reader.int());
}

/** @throws WireError when this is no initial message. Bytes behind it are left unread. */
export function readInitialMessage(reader: JuteReader): InitialMessage {
  const first = readVersion(reader);
  if (first >= 0n) return { version: 'legacy', sid: sidOf(first), addresses: [] };
  const sid = sidOf(reader.bigLong());
  checkedLength(reader.peekInt());
  const addresses = reader.string().split('|').map(parseEndpoint);
  if (first === VERSION_MANY_ADDRESSES) return { version: 'many-addresses', sid, addresses };
  if (addresses.length > 1) throw new WireError('value', 'several addresses where there is room for one');
  return { version: 'one-address', sid, addresses };
}

export function writeInitialMessage(writer: JuteWriter, message: InitialMessage): void {
  const sid = message.sid === null ? ANONYMOUS : BigInt(message.sid);
  if (message.version !== 'legacy') {
    writer.bigLong(message.version === 'one-address' ? VERSION_ONE_ADDRESS : VERSION_MANY_ADDRESSES);
  }
  writer.bigLong(sid);
  if (message.version !== 'legacy') writer.string(message.addresses.map(formatEndpoint).join('|'));
}

/** Whether a server that listens there listens on every address, so that nobody can be told to connect to it. */
export function isWildcard({ host }: Endpoint): boolean {
  return /^(0+(\.0+){0,3}|::|::0+|(0{1,4}:){7}0{1,4})$/.test(host);
}

function readVersion(reader: JuteReader): bigint {
  const first = reader.bigLong();
  if (first < 0n && first !== VERSION_ONE_ADDRESS && first !== VERSION_MANY_ADDRESSES) {
    throw new WireError('value', `unknown version ${first} of the election protocol`);
  }
  return first;
}

function checkedLength(length: number): number {
  if (length < 1 || length > ADDRESS_BYTES_MAX) {
    throw new WireError('length', `an address of ${length} bytes`);
  }
  return length;
}

function sidOf(value: bigint): ServerId | null {
  if (value === ANONYMOUS) return null;
  const sid = Number(value);
  if (!Number.isSafeInteger(sid)) throw new WireError('value', `${value} is no server's id`);
  return sid as ServerId;
}

function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseEndpoint(text: string): Endpoint {
  const [, bracketed, plain, digits] = /^(?:\[([^[\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port < 1 || port > 65_535) throw new WireError('value', `no address: ${text}`);
  return { host, port };
}
