import type { KeeperError } from '../../harness/client/keeper-errors.ts';

/** A command that was not understood; its text is what zkCli prints. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

const WORDS: ReadonlyMap<number, string> = new Map([
  [-101, 'Node does not exist: '],
  [-102, 'Insufficient permission : '],
  [-103, 'version No is not valid : '],
  [-108, 'Ephemerals cannot have children: '],
  [-110, 'Node already exists: '],
  [-111, 'Node not empty: '],
  [-114, 'Acl is not valid : '],
]);

/** What zkCli prints where a server has refused. */
export function keeperErrorText({ code, message, path }: KeeperError): string {
  const words = WORDS.get(code);
  if (words !== undefined) return `${words}${path ?? 'null'}`;
  return `KeeperErrorCode = ${message}`;
}
