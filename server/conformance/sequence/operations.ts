import type { JuteWriter } from '../../wire/jute-writer.ts';
import { OpCode, SpecialXid } from '../../wire/opcode.ts';
import * as describe from './describe.ts';

/** A request as data: how it is written, and how its answer is told. */
export interface Operation {
  readonly type: number;
  /** How the transcript calls it. */
  readonly what: string;
  readonly write: (writer: JuteWriter) => void;
  readonly describe: describe.Describe;
  /** Instead of the connection's own numbering. */
  readonly xid?: number;
}

/** `[perms, scheme, id]`; null is an ACL list (or scheme, or id) of length −1 on the wire. */
export type AclEntry = readonly [perms: number, scheme: string | null, id: string | null];
export type AclList = readonly AclEntry[] | null;

export const Perms = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const;
export const OPEN_ACL: AclList = [[Perms.all, 'world', 'anyone']];

export const Flags = {
  persistent: 0,
  ephemeral: 1,
  sequential: 2,
  ephemeralSequential: 3,
  container: 4,
  ttl: 5,
  ttlSequential: 6,
} as const;

const utf8 = new TextEncoder();

export function bytesOf(text: string | null): Uint8Array | null {
  return text === null ? null : utf8.encode(text);
}

export interface CreateOptions {
  readonly flags?: number;
  readonly acl?: AclList;
  /** Only createTtl writes it, in ms. */
  readonly ttl?: number;
  /** create, create2, createContainer or createTtl. */
  readonly type?: number;
}

export function create(path: string, data: string | null = '', options: CreateOptions = {}): Operation {
  const { flags = 0, acl = OPEN_ACL, ttl, type = OpCode.create } = options;
  const extras = [
    flags === 0 ? '' : ` flags=${flags}`,
    acl === OPEN_ACL ? '' : ` acl=${showAcl(acl)}`,
    ttl === undefined ? '' : ` ttl=${ttl}`,
  ];
  return {
    type,
    what: `${CREATE_NAMES.get(type)} ${JSON.stringify(path)} ${shorten(data)}${extras.join('')}`,
    write: (writer) => {
      writer.string(path);
      writer.buffer(bytesOf(data));
      writeAcl(writer, acl);
      writer.int(flags);
      if (ttl !== undefined) writer.long(ttl);
    },
    describe: type === OpCode.create ? describe.describePath : describe.describePathAndStat,
  };
}

const CREATE_NAMES = new Map<number, string>([
  [OpCode.create, 'create'],
  [OpCode.create2, 'create2'],
  [OpCode.createContainer, 'createContainer'],
  [OpCode.createTtl, 'createTTL'],
]);

export function remove(path: string, version = -1): Operation {
  return withVersion(OpCode.delete, `delete ${JSON.stringify(path)} v=${version}`, path, version);
}

export function check(path: string, version = -1): Operation {
  return withVersion(OpCode.check, `check ${JSON.stringify(path)} v=${version}`, path, version);
}

function withVersion(type: number, what: string, path: string, version: number): Operation {
  return {
    type,
    what,
    write: (writer) => {
      writer.string(path);
      writer.int(version);
    },
    describe: describe.describeNothing,
  };
}

export function setData(path: string, data: string | null, version = -1): Operation {
  return {
    type: OpCode.setData,
    what: `setData ${JSON.stringify(path)} ${shorten(data)} v=${version}`,
    write: (writer) => {
      writer.string(path);
      writer.buffer(bytesOf(data));
      writer.int(version);
    },
    describe: describe.describeStat,
  };
}

export function setAcl(path: string, acl: AclList, version = -1): Operation {
  return {
    type: OpCode.setAcl,
    what: `setACL ${JSON.stringify(path)} ${showAcl(acl)} v=${version}`,
    write: (writer) => {
      writer.string(path);
      writeAcl(writer, acl);
      writer.int(version);
    },
    describe: describe.describeStat,
  };
}

export const exists = (path: string, watch = false): Operation =>
  read(OpCode.exists, 'exists', path, watch, describe.describeStat);
export const getData = (path: string, watch = false): Operation =>
  read(OpCode.getData, 'getData', path, watch, describe.describeDataAndStat);
export const getChildren = (path: string, watch = false): Operation =>
  read(OpCode.getChildren, 'getChildren', path, watch, describe.describeChildren);
export const getChildren2 = (path: string, watch = false): Operation =>
  read(OpCode.getChildren2, 'getChildren2', path, watch, describe.describeChildrenAndStat);

function read(type: number, name: string, path: string, watch: boolean, tell: describe.Describe): Operation {
  return {
    type,
    what: `${name} ${JSON.stringify(path)}${watch ? ' watch' : ''}`,
    write: (writer) => {
      writer.string(path);
      writer.bool(watch);
    },
    describe: tell,
  };
}

export const getAcl = (path: string): Operation =>
  onPath(OpCode.getAcl, 'getACL', path, describe.describeAclAndStat);
/** For lists that the server made of a set, in the order of its hashes. */
export const getAclUnordered = (path: string): Operation =>
  onPath(OpCode.getAcl, 'getACL (in any order)', path, describe.describeAclSet);
export const sync = (path: string): Operation => onPath(OpCode.sync, 'sync', path, describe.describePath);
export const getEphemerals = (prefix: string | null): Operation =>
  onPath(OpCode.getEphemerals, 'getEphemerals', prefix, describe.describeChildren);
export const getAllChildrenNumber = (path: string): Operation =>
  onPath(OpCode.getAllChildrenNumber, 'getAllChildrenNumber', path, describe.describeInt);

function onPath(type: number, name: string, path: string | null, tell: describe.Describe): Operation {
  return {
    type,
    what: `${name} ${JSON.stringify(path)}`,
    write: (writer) => writer.string(path),
    describe: tell,
  };
}

export function multi(...operations: Operation[]): Operation {
  return multiOf(OpCode.multi, 'multi', operations);
}

export function multiRead(...operations: Operation[]): Operation {
  return multiOf(OpCode.multiRead, 'multiRead', operations);
}

function multiOf(type: number, name: string, operations: readonly Operation[]): Operation {
  return {
    type,
    what: `${name} [${operations.map((operation) => operation.what).join('; ')}]`,
    write: (writer) => {
      for (const operation of operations) {
        writeMultiHeader(writer, operation.type, false);
        operation.write(writer);
      }
      writeMultiHeader(writer, -1, true);
    },
    describe: describe.describeMulti,
  };
}

function writeMultiHeader(writer: JuteWriter, type: number, done: boolean): void {
  writer.int(type);
  writer.bool(done);
  writer.int(-1);
}

export const WatchMode = { persistent: 0, recursive: 1 } as const;
/** What removeWatches and checkWatches name by number (protocol §1.8). */
export const WatcherType = { children: 1, data: 2, any: 3 } as const;

export function addWatch(path: string, mode: number): Operation {
  return {
    type: OpCode.addWatch,
    what: `addWatch ${JSON.stringify(path)} mode=${mode}`,
    write: (writer) => {
      writer.string(path);
      writer.int(mode);
    },
    describe: describe.describeInt,
  };
}

export const removeWatches = (path: string, type: number): Operation =>
  onWatches(OpCode.removeWatches, 'removeWatches', path, type);
export const checkWatches = (path: string, type: number): Operation =>
  onWatches(OpCode.checkWatches, 'checkWatches', path, type);

function onWatches(type: number, name: string, path: string, watcherType: number): Operation {
  return {
    type,
    what: `${name} ${JSON.stringify(path)} type=${watcherType}`,
    write: (writer) => {
      writer.string(path);
      writer.int(watcherType);
    },
    describe: describe.describeNothing,
  };
}

export interface WatchLists {
  readonly data?: readonly string[];
  readonly exist?: readonly string[];
  readonly child?: readonly string[];
  readonly persistent?: readonly string[];
  readonly recursive?: readonly string[];
}

/** setWatches2 if there are persistent lists, else setWatches. `told` says in words what `relativeZxid` is. */
export function setWatches(relativeZxid: number, told: string, lists: WatchLists): Operation {
  const isSecond = lists.persistent !== undefined || lists.recursive !== undefined;
  const vectors = [lists.data, lists.exist, lists.child];
  if (isSecond) vectors.push(lists.persistent, lists.recursive);
  return {
    type: isSecond ? OpCode.setWatches2 : OpCode.setWatches,
    xid: SpecialXid.setWatches,
    what: `setWatches${isSecond ? '2' : ''} since ${told} ${JSON.stringify(lists)}`,
    write: (writer) => {
      writer.long(relativeZxid);
      for (const paths of vectors) writer.vector(paths ?? [], (w, path) => w.string(path));
    },
    describe: describe.describeNothing,
  };
}

export function auth(scheme: string, id: string): Operation {
  return {
    type: OpCode.auth,
    xid: SpecialXid.auth,
    what: `auth ${scheme} ${JSON.stringify(id)}`,
    write: (writer) => {
      writer.int(0);
      writer.string(scheme);
      writer.buffer(bytesOf(id));
    },
    describe: describe.describeNothing,
  };
}

export function reconfig(joining: string | null, leaving: string | null, members: string | null): Operation {
  return {
    type: OpCode.reconfig,
    what: `reconfig joining=${joining} leaving=${leaving} members=${members}`,
    write: (writer) => {
      writer.string(joining);
      writer.string(leaving);
      writer.string(members);
      writer.long(-1);
    },
    describe: describe.describeDataAndStat,
  };
}

export const ping: Operation = { ...raw(OpCode.ping, 'ping'), xid: SpecialXid.ping };
export const closeSession: Operation = raw(OpCode.closeSession, 'closeSession');
export const whoAmI: Operation = {
  ...raw(OpCode.whoAmI, 'whoAmI'),
  describe: describe.describeIdentities,
};

/** Any type with any body. */
export function raw(type: number, what: string, body: Uint8Array = new Uint8Array(0)): Operation {
  return { type, what, write: (writer) => writer.raw(body), describe: describe.describeNothing };
}

function writeAcl(writer: JuteWriter, acl: AclList): void {
  writer.vector(acl, (w, [perms, scheme, id]) => {
    w.int(perms);
    w.string(scheme);
    w.string(id);
  });
}

function showAcl(acl: AclList): string {
  return acl === null ? 'null' : `[${acl.map((entry) => entry.join(':')).join(', ')}]`;
}

function shorten(data: string | null): string {
  return data !== null && data.length > 80 ? `<${data.length} characters>` : JSON.stringify(data);
}
