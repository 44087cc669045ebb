import { permLetters, permOfLetter, type Acl } from '../wire/records/acl.ts';
import { CommandError } from './cli-error.ts';

/** `scheme:id:cdrwa`, several with commas between; an id may hold colons. @throws CommandError in zkCli's words. */
export function parseAcl(text: string): Acl[] {
  return text.split(',').map((part) => {
    const first = part.indexOf(':');
    const last = part.lastIndexOf(':');
    if (first === -1 || first === last) {
      throw new CommandError(`${part} does not have the form scheme:id:perm`);
    }
    const perms = parsePerms(part.slice(last + 1));
    return { scheme: part.slice(0, first), id: part.slice(first + 1, last), perms };
  });
}

function parsePerms(text: string): number {
  let perms = 0;
  for (const letter of text) {
    const bit = permOfLetter(letter);
    if (bit === null) throw new CommandError(`Unknown perm type: ${letter}`);
    perms |= bit;
  }
  return perms;
}

export function aclLines(acl: readonly Acl[]): string[] {
  return acl.flatMap(({ scheme, id, perms }) => [`'${scheme ?? ''},'${id ?? ''}`, `: ${permLetters(perms)}`]);
}
