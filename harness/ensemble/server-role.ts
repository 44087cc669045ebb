import type { EnsembleServer, Roles, ServerRole } from './ensemble.ts';
import { fourLetterWord } from './four-letter-word.ts';

const ROLES: ReadonlySet<string> = new Set<ServerRole>(['leader', 'follower', 'observer', 'standalone']);

/** A server that is paused accepts a connection and never answers. */
const ANSWER_TIMEOUT_MS = 2000;

/** Asks a server what it is. Null: it is not there, is looking for a leader, or does not answer. */
export async function roleOf(address: string, timeoutMs = ANSWER_TIMEOUT_MS): Promise<ServerRole | null> {
  try {
    return roleIn(await fourLetterWord(address, 'srvr', timeoutMs));
  } catch {
    return null;
  }
}

/** Asks all of them at the same time. */
export async function rolesOf(servers: readonly EnsembleServer[]): Promise<Roles> {
  return new Map(
    await Promise.all(
      servers.map(async ({ id, clientAddress }) => [id, await roleOf(clientAddress)] as const),
    ),
  );
}

/** The role in an answer to `srvr`; null where the server says that it serves nobody. */
export function roleIn(srvr: string): ServerRole | null {
  const mode = /^Mode: ([\w-]+)$/m.exec(srvr)?.[1] ?? '';
  return ROLES.has(mode) ? (mode as ServerRole) : null;
}
