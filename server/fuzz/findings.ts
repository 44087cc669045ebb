import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Inputs that once broke something, a directory for each target; beside the sources, and kept for good. */
const DIRECTORY = fileURLToPath(new URL('../../../server/fuzz/findings/', import.meta.url));

/** Returns the file. */
export function keepFinding(target: string, input: Uint8Array): string {
  const directory = join(DIRECTORY, target);
  mkdirSync(directory, { recursive: true });
  const file = join(directory, `${createHash('sha256').update(input).digest('hex').slice(0, 12)}.bin`);
  writeFileSync(file, input);
  return file;
}

/** By file name. */
export function findingsOf(target: string): ReadonlyMap<string, Uint8Array> {
  const directory = join(DIRECTORY, target);
  if (!existsSync(directory)) return new Map();
  return new Map(
    readdirSync(directory).map((name) => [name, new Uint8Array(readFileSync(join(directory, name)))]),
  );
}
