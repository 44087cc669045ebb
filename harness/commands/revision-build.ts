import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_DIRECTORY } from './this-build.ts';
import { UsageError } from './exit-code.ts';

const run = promisify(execFile);

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
    try {
      const archive = join(build.directory, 'source.tar');
      await run('git', ['-C', PROJECT_DIRECTORY, 'archive', '--output', archive, commit]);
      await run('tar', ['-xf', archive, '-C', build.directory]);
      symlinkSync(join(PROJECT_DIRECTORY, 'node_modules'), join(build.directory, 'node_modules'));
      await run(join(PROJECT_DIRECTORY, 'node_modules/.bin/tsc'), ['-b', 'server'], { cwd: build.directory });
    } catch (error) {
      build.remove();
      const output = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
      const [line = ''] = (output || String(error)).split('\n');
      throw new UsageError(`rev:${revision}: its server can't be built here: ${line}`, { cause: error });
    }
    return build;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function commitOf(revision: string): Promise<string> {
  try {
    const { stdout } = await run('git', [
      '-C',
      PROJECT_DIRECTORY,
      'rev-parse',
      '--verify',
      '--quiet',
      '--end-of-options',
      `${revision}^{commit}`,
    ]);
    return stdout.trim();
  } catch (error) {
    throw new UsageError(
      `rev:${revision}: there is no such revision in ${PROJECT_DIRECTORY}; give a commit, a branch or a tag`,
      { cause: error },
    );
  }
}
