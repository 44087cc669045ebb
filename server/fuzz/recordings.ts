import { readFileSync } from 'node:fs';

// The programs run compiled, from dist; the recordings lie with the sources.
const SOURCES = new URL('../../../server/', import.meta.url);

export function readRecording(path: string): Buffer {
  return readFileSync(new URL(path, SOURCES));
}

function linesOf(path: string): string[] {
  return readRecording(path)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** What clients of Apache's and others sent: a connection's payloads in order, the handshake first. */
export function recordedClients(): Uint8Array[][] {
  return conversations('wire/testdata/apache-3.8.0.frames', '>');
}

/** Of one end of the quorum port: packets, and what follows a SNAP, in order. `>` is the learner's. */
export function recordedPackets(direction: '>' | '<'): Uint8Array[][] {
  return conversations('wire/testdata/apache-3.9.5.packets', direction);
}

function conversations(path: string, direction: string): Uint8Array[][] {
  const all = new Map<string, Uint8Array[]>();
  for (const line of linesOf(path)) {
    const match = /^(\d+) ([<>]) \S*?([0-9a-f]+)$/.exec(line);
    if (match === null || match[2] !== direction) continue;
    const [, number = '', , hex = ''] = match;
    const pieces = all.get(number);
    if (pieces === undefined) all.set(number, [bytesOf(hex)]);
    else pieces.push(bytesOf(hex));
  }
  return [...all.values()];
}

/** `initial` or `notification`. */
export function recordedElection(kind: string): Uint8Array[] {
  return linesOf('wire/testdata/apache-3.8.0.election')
    .filter((line) => line.startsWith(`${kind} `))
    .map((line) => bytesOf(line.split(' ').at(-1) ?? ''));
}

/** Txn entries of logs. */
export function recordedTxns(): Uint8Array[] {
  return linesOf('wire/testdata/apache-3.8.0.txns').map(bytesOf);
}

/** Lines of configurations, one configuration each. */
export function recordedMemberships(): string[] {
  return linesOf('zab/testdata/apache-3.8.0.quorums').map((line) => line.split(' ').join('\n'));
}

function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, 'hex'));
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** `i32 length ‖ payload`, as on the client port. */
export function framed(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(4 + payload.length);
  new DataView(frame.buffer).setInt32(0, payload.length);
  frame.set(payload, 4);
  return frame;
}
