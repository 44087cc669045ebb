import { existsSync } from 'node:fs';
import { apacheProgram } from './apache.ts';
import type { ServerPlan } from './create-ensemble.ts';
import { serverMainIn, stampedeProgram } from './embedded.ts';
import { findApache } from './find-apache.ts';
import type { ServerProgram } from './server-program.ts';

/** More than anybody runs, and enough to stop a slip of the hand. */
const SERVERS_MAX = 21;

/** The servers that were asked for can't be; the message says which, and what would be right. */
export class ServersError extends Error {
  override readonly name = 'ServersError';
  readonly code = 'servers';
}

/**
 * Reads `--servers`: a number, for so many of the kind `countedKind`, or a list of kinds such as
 * `ours,ours,apache:observer` (see `programOf`), an `:observer` behind the kind for one without a vote.
 *
 * @throws ServersError
 */
export function parseServers(
  text: string,
  {
    countedKind,
    apacheClasspath,
  }: { readonly countedKind: string; readonly apacheClasspath?: string | undefined },
): ServerPlan[] {
  const count = serverCountIn(text);
  const words =
    count === null ? text.split(',').map((word) => word.trim()) : Array<string>(count).fill(countedKind);
  if (words.length > SERVERS_MAX) throw new ServersError(`--servers ${text}: give at most ${SERVERS_MAX}`);
  const programs = new Map<string, ServerProgram>();
  const plans = words.map((word): ServerPlan => {
    const kind = word.replace(/:observer$/, '');
    const program = programs.get(kind) ?? programOf(kind, apacheClasspath);
    programs.set(kind, program);
    return { program, isObserver: kind !== word };
  });
  refuseImpossible(text, plans);
  return plans;
}

/** Null where `--servers` is a list, and no number. @throws ServersError for a number that can't be. */
export function serverCountIn(text: string): number | null {
  if (!/^\s*\d+\s*$/.test(text)) return null;
  const count = Number(text);
  if (count < 1) throw new ServersError(`--servers ${text}: give at least 1`);
  if (count > SERVERS_MAX) throw new ServersError(`--servers ${text}: give at most ${SERVERS_MAX}`);
  return count;
}

/**
 * `ours`, or `ours@` with the directory of another working copy that is built; `apache`, which is the one that is found
 * first, or `apache@` with a class path, a directory of jars or a version (see `findApache`).
 *
 * @throws ServersError
 */
export function programOf(kind: string, apacheClasspath?: string): ServerProgram {
  const [name, wanted] = splitOnce(kind, '@');
  if (wanted !== '') {
    if (name === 'ours') return ourProgram(kind, wanted);
    if (name === 'apache') return foundApache(kind, wanted ?? apacheClasspath);
  }
  throw new ServersError(
    `"${kind}" is no kind of server: give ours, apache, or apache@ with a directory of jars or a version, ours@ ` +
      'with a working copy that is built, each with :observer behind it for a server without a vote',
  );
}

function ourProgram(kind: string, checkout: string | undefined): ServerProgram {
  if (checkout === undefined) return stampedeProgram();
  const main = serverMainIn(checkout);
  if (!existsSync(main))
    throw new ServersError(`${kind}: there is no ${main}; build it there (npm run build)`);
  return stampedeProgram({ checkout });
}

function foundApache(kind: string, wanted: string | undefined): ServerProgram {
  const search = findApache(wanted);
  if (!search.found) throw new ServersError(`${kind}: ${search.why}`);
  return apacheProgram(search.apache);
}

/** Of one voter ZooKeeper makes a standalone server, which takes no observers. */
function refuseImpossible(text: string, plans: readonly ServerPlan[]): void {
  const observers = plans.filter(({ isObserver }) => isObserver === true).length;
  if (observers === 0 || plans.length - observers >= 2) return;
  throw new ServersError(
    `--servers ${text}: observers need at least two servers with a vote; take :observer away from some, or add servers`,
  );
}

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
