import t from 'tap';
import { environmentText } from './environment.ts';
import type { ServerView } from './server-view.ts';

await t.test('envi is a heading and key=value lines, the version first', (t) => {
  const view = { config: { versionLine: '3.9.5-x, built on some day' } } as unknown as ServerView;
  const [heading, version, ...rest] = environmentText(view).split('\n');
  t.equal(heading, 'Environment:');
  t.equal(version, 'zookeeper.version=3.9.5-x, built on some day');
  t.equal(rest.pop(), '');
  for (const line of rest) t.match(line, /^[a-z.]+=.+$/);
  t.end();
});
