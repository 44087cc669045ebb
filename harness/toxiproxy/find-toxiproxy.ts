import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export const TOXIPROXY_VARIABLE = 'STAMPEDE_TOXIPROXY';
const PROGRAM = 'toxiproxy-server';

export type ToxiproxySearch =
  { readonly found: true; readonly path: string } | { readonly found: false; readonly why: string };

/**
 * Looks for the real Toxiproxy: where the environment variable STAMPEDE_TOXIPROXY says, else for `toxiproxy-server`
 * in PATH. When there is none, `why` is what a skipped test prints.
 */
export function findToxiproxy(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ToxiproxySearch {
  const given = environment[TOXIPROXY_VARIABLE] ?? '';
  if (given !== '') {
    if (isExecutable(given)) return { found: true, path: given };
    return { found: false, why: `${TOXIPROXY_VARIABLE} names ${given}, which is no program` };
  }
  for (const directory of (environment['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, PROGRAM);
    if (isExecutable(path)) return { found: true, path };
  }
  return { found: false, why: `no ${PROGRAM} in PATH (.ci/install-peers.sh builds one where there is Go)` };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
