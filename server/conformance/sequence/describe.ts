import { ErrorCode } from '../../wire/error-code.ts';
import type { JuteReader } from '../../wire/jute-reader.ts';
import type { Transcript } from './transcript.ts';

/** Turns a reply's body into text that is the same for every server that means the same. */
export type Describe = (reader: JuteReader, transcript: Transcript) => string;

const EVENT_NAMES = new Map([
  [1, 'NodeCreated'],
  [2, 'NodeDeleted'],
  [3, 'NodeDataChanged'],
  [4, 'NodeChildrenChanged'],
]);
const ERROR_NAMES = new Map<number, string>(Object.entries(ErrorCode).map(([name, code]) => [code, name]));

export function errorName(code: number): string {
  const name = ERROR_NAMES.get(code);
  return name === undefined ? `error ${code}` : `${name} ${code}`;
}

/** Text in quotes, `null` for null, and anything unprintable or long by its length. */
export function showData(data: Uint8Array | null): string {
  if (data === null) return 'null';
  if (data.length > 80) return `<${data.length} bytes>`;
  return JSON.stringify(new TextDecoder('latin1').decode(data));
}

export const describeNothing: Describe = () => '';

export const describePath: Describe = (reader) => reader.nullableString() ?? 'null';

export const describeStat: Describe = (reader, transcript) => {
  const czxid = reader.long();
  const mzxid = reader.long();
  const times = showTimes(reader.long(), reader.long());
  const versions = `version=${reader.int()} cversion=${reader.int()} aversion=${reader.int()}`;
  const owner = transcript.session(reader.bigLong());
  const sizes = `length=${reader.int()} children=${reader.int()}`;
  const pzxid = reader.long();
  const zxids = `c=${transcript.zxid(czxid)} m=${transcript.zxid(mzxid)} p=${transcript.zxid(pzxid)}`;
  return `{${zxids} ${times} ${versions} owner=${owner} ${sizes}}`;
};

/** Two writes can fall into one millisecond, so all that can be said is the order. */
function showTimes(ctime: number, mtime: number): string {
  const order = mtime < ctime ? 'mtime<ctime' : 'ctime<=mtime';
  return ctime === 0 ? `ctime=0 mtime=${mtime === 0 ? '0' : 't'}` : order;
}

export const describePathAndStat: Describe = (reader, transcript) =>
  `${describePath(reader, transcript)} ${describeStat(reader, transcript)}`;

export const describeDataAndStat: Describe = (reader, transcript) =>
  `${showData(reader.buffer())} ${describeStat(reader, transcript)}`;

/** The order of children is unspecified (hash order in Apache), so they are sorted here. */
export const describeChildren: Describe = (reader) => showSet(reader.vector((r) => r.string()));

export const describeChildrenAndStat: Describe = (reader, transcript) =>
  `${describeChildren(reader, transcript)} ${describeStat(reader, transcript)}`;

export const describeAclAndStat: Describe = (reader, transcript) =>
  `${showList(readAcl(reader))} ${describeStat(reader, transcript)}`;

export const describeAclSet: Describe = (reader, transcript) =>
  `${showSet(readAcl(reader))} ${describeStat(reader, transcript)}`;

function readAcl(reader: JuteReader): string[] | null {
  return reader.vector((r) => `${r.int()}:${r.nullableString()}:${r.nullableString()}`);
}

export const describeInt: Describe = (reader) => String(reader.int());

/** A set in Apache: sorted. The `ip` identity is the address of the client, always 127.0.0.1 here. */
export const describeIdentities: Describe = (reader) =>
  showSet(reader.vector((r) => `${r.nullableString()}:${r.nullableString()}`));

function showSet(strings: string[] | null): string {
  return showList(strings?.sort() ?? null);
}

function showList(strings: readonly string[] | null): string {
  return strings === null ? 'null' : `[${strings.join(', ')}]`;
}

/** The results of a multi, until the terminator (protocol §1.5, multi framing). */
export const describeMulti: Describe = (reader, transcript) => {
  const results: string[] = [];
  for (;;) {
    const type = reader.int();
    const done = reader.bool();
    const err = reader.int();
    if (done) return `[${results.join('; ')}] end=${type}/${err}`;
    results.push(`${type}/${err}${describeSubResult(type, reader, transcript)}`);
  }
};

function describeSubResult(type: number, reader: JuteReader, transcript: Transcript): string {
  const describe = SUB_RESULTS.get(type);
  if (describe === undefined) return '';
  return ` ${describe(reader, transcript)}`;
}

const SUB_RESULTS = new Map<number, Describe>([
  [-1, (reader) => errorName(reader.int())],
  [1, describePath],
  [4, describeDataAndStat],
  [5, describeStat],
  [8, describeChildren],
  [15, describePathAndStat],
]);

/** A watch event, without the header. */
export const describeEvent: Describe = (reader) => {
  const type = reader.int();
  const state = reader.int();
  return `${EVENT_NAMES.get(type) ?? `event ${type}`} state=${state} ${reader.string()}`;
};
