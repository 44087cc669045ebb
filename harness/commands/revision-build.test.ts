import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { programOf } from '../ensemble/parse-servers.ts';
import { RevisionBuild } from './revision-build.ts';

await t.test('a revision’s server is built where it can be started from, and gone afterwards', async (t) => {
  const build = await RevisionBuild.of('HEAD');
  t.teardown(() => build.remove());
  t.equal(programOf(`ours@${build.directory}`).name, `stampede of ${build.directory}`);
  build.remove();
  t.notOk(existsSync(build.directory));
});

const ours = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('stampede-0000'));

await t.test('what is no revision is refused, however it is spelt, and leaves nothing', async (t) => {
  for (const revision of ['no-such-branch', '--help', 'HEAD; echo', '0'.repeat(40), ''])
    await t.rejects(
      RevisionBuild.of(revision),
      { name: 'UsageError', message: /there is no such revision in .*; give a commit/ },
      revision,
    );
  t.same(ours(), []);
  t.notOk(existsSync(join(tmpdir(), 'HEAD')));
});
