import type { JuteReader } from '../jute-reader.ts';
import type { JuteWriter } from '../jute-writer.ts';

/** Permission bits of an ACL entry. */
export const Perms = { read: 1, write: 2, create: 4, delete: 8, admin: 16, all: 31 } as const;

const LETTERS: readonly (readonly [letter: string, bit: number])[] = [
  ['c', Perms.create],
  ['d', Perms.delete],
  ['r', Perms.read],
  ['w', Perms.write],
  ['a', Perms.admin],
];

/** As people write them: `cdrwa`. */
export function permLetters(perms: number): string {
  return LETTERS.filter(([, bit]) => (perms & bit) !== 0)
    .map(([letter]) => letter)
    .join('');
}

/** Null for a letter that is none. */
export function permOfLetter(letter: string): number | null {
  return LETTERS.find(([known]) => known === letter)?.[1] ?? null;
}

/** One entry of an access control list. */
export interface Acl {
  readonly perms: number;
  /** Null is not the empty string: a list with a null in it is answered with −114. */
  readonly scheme: string | null;
  readonly id: string | null;
}

export function readAcl(reader: JuteReader): Acl {
  return { perms: reader.int(), scheme: reader.nullableString(), id: reader.nullableString() };
}

export function writeAcl(writer: JuteWriter, acl: Acl): void {
  writer.int(acl.perms);
  writer.string(acl.scheme);
  writer.string(acl.id);
}
