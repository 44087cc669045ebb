import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlantedBug } from './mutant.ts';

const DIST = fileURLToPath(new URL('../../', import.meta.url));

/** The code has changed, and the place that the mutant was to be planted in is not there any more. */
export class MutantError extends Error {
  override readonly name = 'MutantError';
  readonly code = 'mutant';
}

/** Where the patches of a bug have not just one place in the compiled code, and so cannot be planted. */
export function misfitsOf({ id, patches }: PlantedBug): string[] {
  return patches.flatMap(({ file, find }) => {
    const places = readFileSync(join(DIST, file), 'utf8').split(find).length - 1;
    return places === 1 ? [] : [`${id}: ${file} has ${places} places like '${find}', and must have 1`];
  });
}

/** A copy of the compiled code with a bug in it. The code itself knows nothing of bugs to be switched on. */
export class MutatedBuild {
  readonly #directory: string;

  /** @throws MutantError if a patch does not fit. */
  constructor(mutant: PlantedBug) {
    const [misfit] = misfitsOf(mutant);
    if (misfit !== undefined) throw new MutantError(misfit);
    this.#directory = mkdtempSync(join(tmpdir(), `stampede-${mutant.id}-`));
    cpSync(DIST, join(this.#directory, 'dist'), {
      recursive: true,
      filter: (path) => !/\.(d\.ts|map)$/.test(path),
    });
    symlinkSync(join(dirname(DIST), 'node_modules'), join(this.#directory, 'node_modules'));
    writeFileSync(join(this.#directory, 'package.json'), '{ "type": "module" }');
    for (const { file, find, replace } of mutant.patches) {
      const path = join(this.#directory, 'dist', file);
      writeFileSync(path, readFileSync(path, 'utf8').split(find).join(replace));
    }
  }

  /** The main file of its child processes. */
  get worker(): string {
    return join(this.#directory, 'dist/harness/sim/seed-worker.js');
  }

  /** The harness with this build's servers. */
  get main(): string {
    return join(this.#directory, 'dist/harness/main.js');
  }

  /** What a test of this build prints, whether or not it passes. */
  outputOf(test: string): string {
    const path = join(this.#directory, 'dist', test);
    const { stdout } = spawnSync(process.execPath, [path], { cwd: this.#directory, encoding: 'utf8' });
    return stdout;
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
