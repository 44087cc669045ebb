import type { SessionId } from '../../../server/base/session-id.ts';
import type { Zxid } from '../../../server/base/zxid.ts';
import { JuteWriter } from '../../../server/wire/jute-writer.ts';
import { ErrorCode } from '../../../server/wire/error-code.ts';
import { OpCode } from '../../../server/wire/opcode.ts';
import { CreateMode, writeCreate2Response } from '../../../server/wire/records/create.ts';
import { writeExistsResponse } from '../../../server/wire/records/exists.ts';
import { writeGetChildren2Response } from '../../../server/wire/records/get-children.ts';
import { writeGetDataResponse } from '../../../server/wire/records/get-data.ts';
import { type MultiResult, writeMultiResponse } from '../../../server/wire/records/multi-response.ts';
import { writeSetDataResponse } from '../../../server/wire/records/set-data.ts';
import type { Stat } from '../../../server/wire/records/stat.ts';
import { EventType } from '../../../server/wire/records/watcher-event.ts';
import type { SingleWriteOp } from '../../model/write-op.ts';
import type { Exchange, Happening } from '../../transcript/happening.ts';

/** Of every session in these histories. */
export const TIMEOUT_MS = 1000;

const EPOCH_SPAN = 2 ** 32;
const TICK_NS = 1e6;
const SERVER = 'server:2181';
const NOTHING = new Uint8Array(0);

const BLANK: Stat = {
  czxid: 0 as Zxid,
  mzxid: 0 as Zxid,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n as SessionId,
  dataLength: 0,
  numChildren: 0,
  pzxid: 0 as Zxid,
};

const EVENTS: Readonly<Record<string, number>> = {
  created: EventType.nodeCreated,
  deleted: EventType.nodeDeleted,
  changed: EventType.nodeDataChanged,
  children: EventType.nodeChildrenChanged,
};

const FLAGS = {
  create: CreateMode.persistent,
  'create:e': CreateMode.ephemeral,
  'create:s': CreateMode.persistentSequential,
  'create:es': CreateMode.ephemeralSequential,
} as const;

interface Asked {
  readonly op: Exchange['op'];
  readonly opCode: number;
  readonly body: Uint8Array;
  readonly err: number;
}

/** A write, alone or in a multi, and what is answered when it is done. */
interface Part {
  readonly op: SingleWriteOp;
  readonly result: Exclude<MultiResult, { readonly type: typeof OpCode.error }>;
}

/**
 * What clients were told, as a history that a check can judge, from a text that a person can read. Lines, or parts of one
 * between `|`, are a millisecond apart and begin with the client; paths are below `root`:
 *
 *     0 create a x        asked, and done; `x` is its data
 *     0 create:e a        ephemeral; create:s and create:es sequential, `-> 7` is its number
 *     0 create a !-110    refused
 *     0 create a ?        never answered
 *     @p 1 delete a       asked; answered at the line `=p`
 *     0 set a data if 3 -> 4     the version compared with, and the one that was made
 *     0 get a -> data 4   with its version; `getw` sets a watch
 *     0 exists a -> 4     with its version; `existsw` sets a watch
 *     0 list . -> a b     `listw` sets a watch
 *     0 read a b -> data 4 ; data 2         a multiRead; `-` for what is not there
 *     0 multi set a x if 3 -> 4 ; check b 1 ; delete c ; create:s d- -> 7
 *     0 multi! check b 1 !-101 ; delete c     refused as a whole for the part that says why, or else -103 for the last
 *     0 sync .            0 close
 *     0 lost, 0 expired   its connection, its session; it has a new one when it is heard of next
 *     0 new               it has a new session when it is heard of next, and was not told what became of the old one
 *     0 event changed a   created, deleted, children
 *     0 note leads token=7       a note of that kind, with what else it says
 *     s-#7                anywhere: the sequential znode of that number
 *     wait 500            ms
 *     epoch 2             of all answers from here on
 *
 * @throws Error for a line that says something else.
 */
export function told(root: string, text: string): Happening[] {
  const teller = new Teller(root);
  const inFull = text.replace(/#(\d+)/g, (_, number: string) => number.padStart(10, '0'));
  for (const line of inFull.split(/[\n|]/)) if (line.trim() !== '') teller.tell(line.trim());
  return teller.happenings;
}

class Teller {
  readonly happenings: Happening[] = [];
  readonly #root: string;
  readonly #sessions = new Map<number, bigint>();
  /** Clients whose connection is lost. */
  readonly #lost = new Set<number>();
  /** Of ephemeral znodes. */
  readonly #owners = new Map<string, bigint>();
  readonly #waiting = new Map<string, { readonly exchange: Exchange; readonly asked: Asked }>();
  #sessionsMade = 0n;
  #nowNs = 0;
  #epoch = 1;
  #counter = 0;
  #xid = 0;

  constructor(root: string) {
    this.#root = root;
  }

  tell(line: string): void {
    const words = line.split(/\s+/);
    const [first = '', second = ''] = words;
    this.#nowNs += TICK_NS;
    if (first === 'wait') this.#nowNs += Number(second) * TICK_NS;
    else if (first === 'epoch') this.#epoch = Number(second);
    else if (first.startsWith('=')) this.#answer(first.slice(1));
    else if (first.startsWith('@')) this.#ask(first.slice(1), Number(second), words.slice(2));
    else if (/^\d+$/.test(first)) this.#happen(Number(first), words.slice(1));
    else throw new Error(`no client: ${line}`);
  }

  #happen(client: number, words: readonly string[]): void {
    const [what = '', ...rest] = words;
    const atNs = this.#nowNs;
    switch (what) {
      case 'lost':
        this.#lose(client);
        return;
      case 'expired':
        this.happenings.push({ type: 'expired', atNs, client, session: this.#sessionOf(client) });
        this.#forget(client);
        return;
      case 'new':
        this.#forget(client);
        return;
      case 'note':
        this.happenings.push({ type: 'note', atNs, client, note: noteFrom(rest) });
        return;
      case 'event': {
        const eventType = EVENTS[rest[0] ?? ''];
        if (eventType === undefined) throw new Error(`no event: ${words.join(' ')}`);
        const session = this.#sessionOf(client);
        const path = this.#path(rest[1]);
        this.happenings.push({ type: 'event', atNs, client, session, zxid: -1, eventType, path });
        return;
      }
      default:
        this.#askAndAnswer(client, words);
    }
  }

  #askAndAnswer(client: number, words: readonly string[]): void {
    const label = `line ${this.happenings.length}`;
    const isAnswered = words.at(-1) !== '?';
    this.#ask(label, client, isAnswered ? words : words.slice(0, -1));
    this.#nowNs += TICK_NS;
    if (!isAnswered) return;
    this.#answer(label);
    if (words[0] !== 'close') return;
    this.#lose(client);
    this.#forget(client);
  }

  #ask(label: string, client: number, words: readonly string[]): void {
    const session = this.#sessionOf(client);
    const asked = this.#read(words, session);
    const exchange: Exchange = {
      client,
      session,
      server: SERVER,
      xid: ++this.#xid,
      op: asked.op,
      opCode: asked.opCode,
      sentNs: this.#nowNs,
      reply: null,
    };
    this.happenings.push({ type: 'request', atNs: this.#nowNs, exchange });
    this.#waiting.set(label, { exchange, asked });
  }

  #answer(label: string): void {
    const waiting = this.#waiting.get(label);
    if (waiting === undefined) throw new Error(`nobody asked ${label}`);
    const { exchange, asked } = waiting;
    const zxid = this.#epoch * EPOCH_SPAN + ++this.#counter;
    const body = asked.err === 0 ? asked.body : new Uint8Array(0);
    exchange.reply = { receivedNs: this.#nowNs, err: asked.err, zxid, body };
    this.happenings.push({ type: 'reply', atNs: this.#nowNs, exchange });
  }

  /** What the words ask for, and what they say was answered. */
  #read(words: readonly string[], session: bigint): Asked {
    const [what = '', ...rest] = words;
    if (what === 'multi' || what === 'multi!') return this.#multi(rest, session, what === 'multi!');
    const refusal = /^!(-\d+)$/.exec(words.at(-1) ?? '');
    const err = Number(refusal?.[1] ?? 0);
    const [args, answer] = split(refusal === null ? rest : rest.slice(0, -1));
    const path = this.#path(args[0]);
    const watch = what.endsWith('w');
    switch (what) {
      case 'get':
      case 'getw': {
        const body = bodyOf((writer) => writeGetDataResponse(writer, this.#dataOf(path, answer)));
        return { op: { f: 'getData', path, watch }, opCode: OpCode.getData, body, err };
      }
      case 'exists':
      case 'existsw': {
        const { stat } = this.#dataOf(path, answer);
        const body = bodyOf((writer) => writeExistsResponse(writer, { stat }));
        return { op: { f: 'exists', path, watch }, opCode: OpCode.exists, body, err };
      }
      case 'list':
      case 'listw': {
        const stat = { ...BLANK, numChildren: answer.length };
        const body = bodyOf((writer) => writeGetChildren2Response(writer, { children: answer, stat }));
        return { op: { f: 'getChildren', path, watch }, opCode: OpCode.getChildren2, body, err };
      }
      case 'read':
        return { ...this.#multiRead(args, answer), err };
      case 'sync':
        return { op: { f: 'sync', path }, opCode: OpCode.sync, body: NOTHING, err };
      case 'close':
        return { op: { f: 'closeSession' }, opCode: OpCode.closeSession, body: NOTHING, err };
      default: {
        const { op, result } = this.#part([what, ...(refusal === null ? rest : rest.slice(0, -1))], session);
        return { op, opCode: result.type, body: bodyOf((writer) => writeResult(writer, result)), err };
      }
    }
  }

  #multi(words: readonly string[], session: bigint, isRefused: boolean): Asked {
    const texts = words.join(' ').split(' ; ');
    const errors = texts.map((text) => Number(/ !(-\d+)$/.exec(text)?.[1] ?? 0));
    const parts = texts.map((text) => this.#part(text.replace(/ !-\d+$/, '').split(' '), session));
    if (!errors.some((err) => err !== 0)) errors[errors.length - 1] = ErrorCode.badVersion;
    const culprit = errors.findIndex((err) => err !== 0);
    const results = parts.map(({ result }, i): MultiResult => {
      if (!isRefused) return result;
      const err = i > culprit ? ErrorCode.runtimeInconsistency : (errors[i] ?? 0);
      return { type: OpCode.error, response: { err } };
    });
    const body = bodyOf((writer) => writeMultiResponse(writer, results));
    return { op: { f: 'multi', ops: parts.map(({ op }) => op) }, opCode: OpCode.multi, body, err: 0 };
  }

  #multiRead(names: readonly string[], answer: readonly string[]): Omit<Asked, 'err'> {
    const ops = names.map((name) => ({ f: 'getData' as const, path: this.#path(name), watch: false }));
    const parts = answer.join(' ').split(' ; ');
    const results = parts.map((part, i): MultiResult => {
      if (part === '-') return { type: OpCode.error, response: { err: ErrorCode.noNode } };
      return { type: OpCode.getData, response: this.#dataOf(ops[i]?.path ?? '', part.split(' ')) };
    });
    const body = bodyOf((writer) => writeMultiResponse(writer, results));
    return { op: { f: 'multiRead', ops }, opCode: OpCode.multiRead, body };
  }

  #part(words: readonly string[], session: bigint): Part {
    const [what = '', name, ...rest] = words;
    const path = this.#path(name);
    const [args, answer] = split(rest);
    const comparison = args.indexOf('if');
    const version = comparison < 0 ? -1 : Number(args[comparison + 1]);
    const data = dataFrom(comparison < 0 ? args : args.slice(0, comparison));
    switch (what) {
      case 'create':
      case 'create:e':
      case 'create:s':
      case 'create:es': {
        const made = path + (answer[0]?.padStart(10, '0') ?? '');
        const flags = FLAGS[what];
        const isEphemeral = what === 'create:e' || what === 'create:es';
        if (isEphemeral) this.#owners.set(made, session);
        const ephemeralOwner = (isEphemeral ? session : 0n) as SessionId;
        const stat = { ...BLANK, ephemeralOwner, dataLength: data.length };
        return {
          op: { f: 'create2', path, data, flags },
          result: { type: OpCode.create2, response: { path: made, stat } },
        };
      }
      case 'delete':
        return { op: { f: 'delete', path, version }, result: { type: OpCode.delete } };
      case 'check':
        return { op: { f: 'check', path, version: Number(args[0] ?? -1) }, result: { type: OpCode.check } };
      case 'set': {
        const stat = { ...BLANK, version: Number(answer[0] ?? 0), dataLength: data.length };
        return {
          op: { f: 'setData', path, data, version },
          result: { type: OpCode.setData, response: { stat } },
        };
      }
      default:
        throw new Error(`nobody asks for ${words.join(' ')}`);
    }
  }

  /** `90 t1 4` is `90 t1` in version 4. */
  #dataOf(path: string, words: readonly string[]): { readonly data: Uint8Array; readonly stat: Stat } {
    const data = dataFrom(words.slice(0, -1));
    const ephemeralOwner = (this.#owners.get(path) ?? 0n) as SessionId;
    const version = Number(words.at(-1) ?? 0);
    return { data, stat: { ...BLANK, version, ephemeralOwner, dataLength: data.length } };
  }

  #path(name = '.'): string {
    return name === '.' ? this.#root : `${this.#root}/${name}`;
  }

  #lose(client: number): void {
    this.happenings.push({ type: 'lost', atNs: this.#nowNs, client, session: this.#sessionOf(client) });
    this.#lost.add(client);
  }

  #forget(client: number): void {
    this.#sessions.delete(client);
    this.#lost.delete(client);
  }

  /** It attaches to the one it has, and makes one if it has none. */
  #sessionOf(client: number): bigint {
    const asked = this.#sessions.get(client) ?? 0n;
    if (asked !== 0n && !this.#lost.has(client)) return asked;
    const session = asked === 0n ? ++this.#sessionsMade : asked;
    this.#sessions.set(client, session);
    this.#lost.delete(client);
    const who = { atNs: this.#nowNs, client, session, server: SERVER };
    this.happenings.push({ type: 'attached', ...who, timeoutMs: TIMEOUT_MS, asked });
    return session;
  }
}

/** What was asked, and what was answered. */
function split(words: readonly string[]): [asked: readonly string[], answer: readonly string[]] {
  const arrow = words.indexOf('->');
  return arrow < 0 ? [words, []] : [words.slice(0, arrow), words.slice(arrow + 1)];
}

/** The words, with single spaces between. */
function dataFrom(words: readonly string[]): Uint8Array {
  return Buffer.from(words.join(' '));
}

/** `leads token=7 by=a` is the kind, a number and a text. */
function noteFrom([kind, ...fields]: readonly string[]): unknown {
  const pairs = fields.map((field) => {
    const [key = '', value = ''] = field.split('=');
    return [key, /^-?\d+$/.test(value) ? Number(value) : value] as const;
  });
  return { kind, ...Object.fromEntries(pairs) };
}

function writeResult(writer: JuteWriter, result: Part['result']): void {
  if (result.type === OpCode.create2) writeCreate2Response(writer, result.response);
  if (result.type === OpCode.setData) writeSetDataResponse(writer, result.response);
}

function bodyOf(write: (writer: JuteWriter) => void): Uint8Array {
  const writer = new JuteWriter(64);
  write(writer);
  return writer.take();
}
