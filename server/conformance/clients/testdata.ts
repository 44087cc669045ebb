import { fileURLToPath } from 'node:url';

/** A file of the conformance sources, seen from the compiled code in dist. */
export function sourcePath(relative: string): string {
  return fileURLToPath(new URL(`../../../../server/conformance/${relative}`, import.meta.url));
}
