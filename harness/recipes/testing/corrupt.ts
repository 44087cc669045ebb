import type { Prng } from '../../../server/base/prng.ts';
import type { SessionId } from '../../../server/base/session-id.ts';
import { JuteWriter } from '../../../server/wire/jute-writer.ts';
import { OpCode } from '../../../server/wire/opcode.ts';
import { CreateMode, writeCreate2Response } from '../../../server/wire/records/create.ts';
import { writeGetChildren2Response } from '../../../server/wire/records/get-children.ts';
import { writeGetDataResponse } from '../../../server/wire/records/get-data.ts';
import { type MultiResult, writeMultiResponse } from '../../../server/wire/records/multi-response.ts';
import { writeSetDataResponse } from '../../../server/wire/records/set-data.ts';
import { type Exchange, type Happening, isWrite, type Reply } from '../../transcript/happening.ts';
import type { Evidence } from '../../transcript/judge-transcript.ts';
import { fateOf } from '../fate.ts';
import { partsOf } from '../multi-parts.ts';
import { withoutNumber } from '../numbers.ts';
import { childrenIn, createdIn, dataIn, setStatIn } from '../read-reply.ts';
import type { RecipeRun } from '../recipe.ts';

/** What a run has left. */
export type Recording = Evidence & RecipeRun;

/** Changes one place of a recording in a way that no right ensemble can have caused; null if there is no such place. */
type Change = (recording: Recording, prng: Prng) => Recording | null;

const NO_NODE = -101;
const BAD_VERSION = -103;
/** The bit of `CreateMode` for it. */
const SEQUENTIAL = CreateMode.persistentSequential;

/** Ways to lie, by what they are called. */
export const CHANGES: ReadonlyMap<string, Change> = new Map<string, Change>([
  ["a reply exchanged with another's", exchangeReplies],
  ['one vanishes from a list', (recording, prng) => changeList(recording, prng, takeOne)],
  ['one that is not there is in a list', (recording, prng) => changeList(recording, prng, addOne)],
  ['data read in another version', changeVersion],
  ['what is there is said not to be', denyData],
  ['a write makes another version', changeMadeVersion],
  ['an acknowledgement becomes a refusal', refuse],
  ['a refusal becomes an acknowledgement', acknowledge],
  ['a refused multi is said to be done', acknowledgeMulti],
  ['two are told the same number', doubleNumber],
  ['an acknowledged write is in no log', loseWrite],
  ['another thing was written', changeWritten],
  ['a reply of an older state', ageReply],
  ['an event is dropped', dropEvent],
  ['an event comes twice', doubleEvent],
  ['an event comes behind the reply that shows the change', delayEvent],
]);

// ---- replies ----------------------------------------------------------------------------------------------

function exchangeReplies(recording: Recording, prng: Prng): Recording | null {
  const first = pick(answered(recording).filter(isRead), prng);
  if (first === null) return null;
  const others = answered(recording).filter((other) => {
    return questionOf(other) === questionOf(first) && Buffer.compare(bodyOf(other), bodyOf(first)) !== 0;
  });
  const second = pick(others, prng);
  if (second === null) return null;
  return withReply(withReply(recording, first, answerOf(second)), second, answerOf(first));
}

function answerOf({ reply }: Exchange): Partial<Reply> {
  return reply === null ? {} : { err: reply.err, body: reply.body };
}

function changeList(
  recording: Recording,
  prng: Prng,
  change: (names: readonly string[], recording: Recording, prng: Prng) => readonly string[] | null,
): Recording | null {
  const list = pick(
    answered(recording).filter((exchange) => childrenIn(exchange) !== null),
    prng,
  );
  const shown = list === null ? null : childrenIn(list);
  const children = shown === null ? null : change(shown.children, recording, prng);
  if (list === null || shown === null || children === null) return null;
  const body = written((writer) => writeGetChildren2Response(writer, { children, stat: shown.stat }));
  return withReply(recording, list, { body });
}

function takeOne(names: readonly string[], _recording: Recording, prng: Prng): readonly string[] | null {
  const gone = pick(names, prng);
  return gone === null ? null : names.filter((name) => name !== gone);
}

function addOne(names: readonly string[], recording: Recording, prng: Prng): readonly string[] | null {
  const all = new Set(answered(recording).flatMap((exchange) => childrenIn(exchange)?.children ?? []));
  const other = pick(
    [...all].filter((name) => !names.includes(name)),
    prng,
  );
  return other === null ? null : [...names, other];
}

function changeVersion(recording: Recording, prng: Prng): Recording | null {
  const read = pick(
    answered(recording).filter((exchange) => dataIn(exchange) !== null),
    prng,
  );
  const shown = read === null ? null : dataIn(read);
  if (read === null || shown === null) return null;
  const stat = { ...shown.stat, version: shown.stat.version + (prng.next() < 0.5 ? 1 : -1) };
  const body = written((writer) => writeGetDataResponse(writer, { data: Buffer.from(shown.text), stat }));
  return withReply(recording, read, { body });
}

function denyData(recording: Recording, prng: Prng): Recording | null {
  const read = pick(
    answered(recording).filter((exchange) => dataIn(exchange) !== null),
    prng,
  );
  return read && withReply(recording, read, { err: NO_NODE, body: new Uint8Array(0) });
}

function changeMadeVersion(recording: Recording, prng: Prng): Recording | null {
  const write = pick(
    answered(recording).filter((exchange) => setStatIn(exchange) !== null),
    prng,
  );
  const made = write === null ? null : setStatIn(write);
  if (write === null || made === null) return null;
  const stat = { ...made, version: made.version + (prng.next() < 0.5 ? 1 : -1) };
  return withReply(recording, write, { body: written((writer) => writeSetDataResponse(writer, { stat })) });
}

function refuse(recording: Recording, prng: Prng): Recording | null {
  const write = pick(answered(recording).filter(isDoneWrite), prng);
  return write && withReply(recording, write, { err: BAD_VERSION, body: new Uint8Array(0) });
}

function acknowledge(recording: Recording, prng: Prng): Recording | null {
  const refused = pick(
    answered(recording).filter(({ opCode, reply }) => {
      const isKnown = reply?.err === NO_NODE || reply?.err === BAD_VERSION;
      return isKnown && (opCode === OpCode.delete || opCode === OpCode.setData);
    }),
    prng,
  );
  if (refused === null || refused.op === null) return null;
  const { op } = refused;
  const version = op.f === 'setData' ? op.version + 1 : 0;
  const stat = { ...NO_STAT, version };
  const body = written((writer) => op.f === 'setData' && writeSetDataResponse(writer, { stat }));
  return withReply(recording, refused, { err: 0, body });
}

/** Each of its writes is said to have made the version after the last that was acknowledged before. */
function acknowledgeMulti(recording: Recording, prng: Prng): Recording | null {
  const refused = pick(
    answered(recording).filter((exchange) => exchange.op?.f === 'multi' && fateOf(exchange) === 'refused'),
    prng,
  );
  if (refused?.op?.f !== 'multi') return null;
  const results = refused.op.ops.map((op): MultiResult => {
    if (op.f === 'delete' || op.f === 'check') return { type: OpCode[op.f] };
    if (op.f === 'setData') {
      const version = lastVersion(recording, op.path, refused.sentNs) + 1;
      return { type: OpCode.setData, response: { stat: { ...NO_STAT, version } } };
    }
    return { type: OpCode.create2, response: { path: op.path, stat: NO_STAT } };
  });
  const body = written((writer) => writeMultiResponse(writer, results));
  return withReply(recording, refused, { err: 0, body });
}

function lastVersion(recording: Recording, path: string, beforeNs: number): number {
  const versions = answered(recording)
    .flatMap(partsOf)
    .filter(({ op, reply }) => op !== null && pathOf(op) === path && (reply?.receivedNs ?? 0) < beforeNs)
    .map((exchange) => setStatIn(exchange)?.version ?? 0);
  return Math.max(0, ...versions);
}

function doubleNumber(recording: Recording, prng: Prng): Recording | null {
  const made = answered(recording).filter((exchange) => {
    const { op } = exchange;
    return op?.f === 'create2' && (op.flags & SEQUENTIAL) !== 0 && createdIn(exchange) !== null;
  });
  const first = pick(made, prng);
  if (first === null) return null;
  const parent = parentOf(first);
  const second = pick(
    made.filter((other) => other !== first && parentOf(other) === parent),
    prng,
  );
  const [own, others] = [createdIn(first), second && createdIn(second)];
  if (own === null || others === null) return null;
  const path = withoutNumber(own.path) + others.path.slice(withoutNumber(others.path).length);
  const body = written((writer) => writeCreate2Response(writer, { ...own, path }));
  return withReply(recording, first, { body });
}

function parentOf({ op }: Exchange): string {
  const path = op === null ? '' : pathOf(op);
  return path.slice(0, path.lastIndexOf('/'));
}

/** The state of a reply is that of an older one of the same session. */
function ageReply(recording: Recording, prng: Prng): Recording | null {
  const reply = pick(answered(recording).filter(isRead), prng);
  if (reply === null) return null;
  const older = answered(recording).filter(({ session, reply: other }) => {
    return session === reply.session && (other?.zxid ?? 0) < (reply.reply?.zxid ?? 0);
  });
  const before = older.at(-1);
  const zxid = (before?.reply?.zxid ?? 1) - 1;
  return before === undefined ? null : withReply(recording, reply, { zxid });
}

// ---- writes -----------------------------------------------------------------------------------------------

function loseWrite(recording: Recording, prng: Prng): Recording | null {
  const write = pick(answered(recording).filter(isDoneWrite), prng);
  if (write === null) return null;
  const { txns, ...rest } = recording.committed;
  return {
    ...recording,
    committed: { ...rest, txns: txns.filter(({ header }) => header.zxid !== write.reply?.zxid) },
  };
}

function changeWritten(recording: Recording, prng: Prng): Recording | null {
  const write = pick(
    answered(recording).filter(({ op, ...exchange }) => {
      const hasData = op?.f === 'setData' || op?.f === 'create2';
      return hasData && op.data !== null && op.data.length > 0 && isDoneWrite({ op, ...exchange });
    }),
    prng,
  );
  if (write === null || (write.op?.f !== 'setData' && write.op?.f !== 'create2')) return null;
  const data = Buffer.concat([write.op.data ?? new Uint8Array(0), Buffer.from('0')]);
  const op = { ...write.op, data };
  return withExchange(recording, write, { ...write, op });
}

// ---- events -----------------------------------------------------------------------------------------------

type WatchEvent = Happening & { type: 'event' };

function dropEvent(recording: Recording, prng: Prng): Recording | null {
  const event = pick(tellingEvents(recording), prng);
  return (
    event && { ...recording, happenings: recording.happenings.filter((happening) => happening !== event) }
  );
}

function doubleEvent(recording: Recording, prng: Prng): Recording | null {
  const event = pick(tellingEvents(recording), prng);
  if (event === null) return null;
  const happenings = recording.happenings.flatMap((each) => (each === event ? [each, { ...each }] : [each]));
  return { ...recording, happenings };
}

function delayEvent(recording: Recording, prng: Prng): Recording | null {
  const event = pick(tellingEvents(recording), prng);
  const shows = event === null ? undefined : replyAfter(recording, event);
  if (event === null || shows === undefined) return null;
  const happenings = recording.happenings.flatMap((each): Happening[] => {
    if (each === event) return [];
    return each === shows ? [each, { ...event, atNs: each.atNs }] : [each];
  });
  return { ...recording, happenings };
}

/** Events whose absence their session could have noticed: it was told something later. */
function tellingEvents(recording: Recording): WatchEvent[] {
  return recording.happenings.filter((each): each is WatchEvent => {
    return each.type === 'event' && replyAfter(recording, each) !== undefined;
  });
}

/** The next one that the session is told which shows the change, or anything that is later. */
function replyAfter({ happenings }: Recording, event: WatchEvent): Happening | undefined {
  const later = happenings.slice(happenings.indexOf(event) + 1);
  return later.find((each) => {
    if (each.type !== 'reply' || each.exchange.session !== event.session) return false;
    return (each.exchange.reply?.zxid ?? 0) >= event.zxid;
  });
}

// ---- all --------------------------------------------------------------------------------------------------

const NO_STAT = {
  czxid: 0,
  mzxid: 0,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n as SessionId,
  dataLength: 0,
  numChildren: 0,
  pzxid: 0,
} as NonNullable<ReturnType<typeof setStatIn>>;

function answered({ happenings }: Recording): Exchange[] {
  return happenings.flatMap((each) => (each.type === 'reply' ? [each.exchange] : []));
}

function isRead(exchange: Exchange): boolean {
  return !isWrite(exchange) && exchange.op?.f !== 'sync' && exchange.reply?.err === 0;
}

function isDoneWrite(exchange: Exchange): boolean {
  return isWrite(exchange) && exchange.op?.f !== 'closeSession' && fateOf(exchange) === 'done';
}

function questionOf({ op, opCode }: Exchange): string {
  const paths = op === null ? [] : op.f === 'multiRead' ? op.ops.map(({ path }) => path) : [pathOf(op)];
  return [opCode, ...paths].join(' ');
}

function pathOf(op: NonNullable<Exchange['op']>): string {
  return 'path' in op ? op.path : '';
}

function bodyOf({ reply }: Exchange): Uint8Array {
  return reply?.body ?? new Uint8Array(0);
}

function withReply(recording: Recording, exchange: Exchange, changed: Partial<Reply>): Recording {
  const reply = { ...(exchange.reply as Reply), ...changed };
  return withExchange(recording, exchange, { ...exchange, reply });
}

function withExchange(recording: Recording, old: Exchange, other: Exchange): Recording {
  const happenings = recording.happenings.map((each): Happening => {
    const isOf = (each.type === 'request' || each.type === 'reply') && each.exchange === old;
    return isOf ? { ...each, exchange: other } : each;
  });
  return { ...recording, happenings };
}

function pick<T>(items: readonly T[], prng: Prng): T | null {
  return items[prng.below(Math.max(1, items.length))] ?? null;
}

function written(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter(64);
  write(writer);
  return writer.take();
}
