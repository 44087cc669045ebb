import type { JuteWriter } from '../../wire/jute-writer.ts';
import type { Acl } from '../../wire/records/acl.ts';
import { writeCreateRequest } from '../../wire/records/create.ts';
import { writeMultiRequest, type MultiOp } from '../../wire/records/multi-request.ts';

/** The bodies of requests, in few words. Data is ASCII. */
export const OPEN_ACL: readonly Acl[] = [{ perms: 31, scheme: 'world', id: 'anyone' }];

type Body = (writer: JuteWriter) => void;

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function create(path: string, data = '', flags = 0, acl: readonly Acl[] | null = OPEN_ACL): Body {
  return (writer) => writeCreateRequest(writer, { path, data: ascii(data), acl, flags });
}

export function setData(path: string, data: string | Uint8Array, version = -1): Body {
  return (writer) => {
    writer.string(path);
    writer.buffer(typeof data === 'string' ? ascii(data) : data);
    writer.int(version);
  };
}

/** Of delete and check. */
export function pathVersion(path: string, version = -1): Body {
  return pathInt(path, version);
}

/** Of addWatch, with its mode, and of checkWatches and removeWatches, with the type. */
export function pathInt(path: string, int: number): Body {
  return (writer) => {
    writer.string(path);
    writer.int(int);
  };
}

/** Of exists, getData, getChildren and getChildren2. */
export function pathWatch(path: string, watch = false): Body {
  return (writer) => {
    writer.string(path);
    writer.bool(watch);
  };
}

/** Of getACL and sync. */
export function pathOnly(path: string): Body {
  return (writer) => writer.string(path);
}

export function setAcl(path: string, acl: readonly Acl[] | null, version = -1): Body {
  return (writer) => {
    writer.string(path);
    writer.vector(acl, (w, { perms, scheme, id }) => {
      w.int(perms);
      w.string(scheme);
      w.string(id);
    });
    writer.int(version);
  };
}

export function multi(ops: readonly MultiOp[]): Body {
  return (writer) => writeMultiRequest(writer, ops);
}

export function auth(scheme: string, token: string): Body {
  return (writer) => {
    writer.int(0);
    writer.string(scheme);
    writer.buffer(ascii(token));
  };
}

export function sasl(token: string | null): Body {
  return (writer) => writer.buffer(token === null ? null : ascii(token));
}

export function setWatches(
  relativeZxid: number,
  lists: { data?: readonly string[]; exist?: readonly string[]; child?: readonly string[] },
): Body {
  return (writer) => {
    writer.long(relativeZxid);
    writer.strings(lists.data ?? []);
    writer.strings(lists.exist ?? []);
    writer.strings(lists.child ?? []);
  };
}
