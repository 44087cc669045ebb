import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { $, ProcessOutput } from 'zx';
import { UsageError } from './exit-code.ts';
import { PROJECT_DIRECTORY } from './this-build.ts';

const MODULES = join(PROJECT_DIRECTORY, 'node_modules');

/** The server of another revision of this repository, built in a directory of its own by this one's compiler. */
export class RevisionBuild {
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /** Takes some seconds. @throws UsageError for a revision that there is not, or that does not build. */
  static async of(revision: string): Promise<RevisionBuild> {
    const commit = await commitOf(revision);
    const build = new RevisionBuild(mkdtempSync(join(tmpdir(), `stampede-${commit.slice(0, 10)}-`)));
    const run = $({ cwd: build.directory, quiet: true });
    try {
      await run`git -C ${PROJECT_DIRECTORY} archive ${commit} | tar -x`;
      symlinkSync(MODULES, join(build.directory, 'node_modules'));
      // What this process was told to load is not for the compiler.
      await run`NODE_OPTIONS= ${join(MODULES, '.bin/tsc')} -b server`;
    } catch (error) {
      build.remove();
      if (!(error instanceof ProcessOutput)) throw error;
      const [line = ''] = (error.stdout || error.stderr).split('\n');
      throw new UsageError(`rev:${revision}: its server can't be built here: ${line}`, { cause: error });
    }
    return build;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function commitOf(revision: string): Promise<string> {
  const git = $({ cwd: PROJECT_DIRECTORY, quiet: true, nothrow: true });
  const { exitCode, stdout } =
    await git`git rev-parse --verify --quiet --end-of-options ${`${revision}^{commit}`}`;
  if (exitCode === 0) return stdout.trim();
  throw new UsageError(
    `rev:${revision}: there is no such revision in ${PROJECT_DIRECTORY}; give a commit, a branch or a tag`,
  );
}
