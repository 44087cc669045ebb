import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { cleanEnvironment } from '../../load/clean-environment.ts';
import { ToxiproxyClient } from '../client.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

/** As a child that ends with the test. */
function started(t: Test, ...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args], { env: cleanEnvironment() });
  t.teardown(() => child.kill('SIGKILL'));
  return { child, exited: once(child, 'exit') as Promise<[number | null]>, errors: text(child.stderr) };
}

await t.test(
  'it begins with the proxies of its configuration, and says in a line of JSON where it listens',
  async (t) => {
    const proxies = [
      { name: 'a', upstream: '127.0.0.1:1', enabled: false },
      { name: 'b', upstream: '127.0.0.1:1', listen: '127.0.0.1:0' },
    ];
    const config = join(t.testdir({ 'proxies.json': JSON.stringify(proxies) }), 'proxies.json');
    const { child, exited } = started(t, '-port', '0', '-seed', '7', '--stock', '-config', config);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const said = JSON.parse(String(line)) as { address: string };
    t.match(said, { address: /^127\.0\.0\.1:\d+$/, seed: 7, stock: true });
    const listed = await new ToxiproxyClient(`http://${said.address}`).list();
    t.same(
      listed.map(({ name, enabled }) => [name, enabled]),
      [
        ['a', false],
        ['b', true],
      ],
    );
    child.stdin.end();
    t.same(await exited, [0, null], 'and ends with its standard input');
  },
);

await t.test('what it cannot do it says, and ends', async (t) => {
  const directory = t.testdir({ 'no.json': '{', 'nameless.json': '[{"upstream":"u:1"}]' });
  const failures: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['--nonsense'], 2, /nonsense[^]*--stock/],
    [['--port', 'x'], 2, /--port takes a whole number/],
    [['--config', join(directory, 'none.json')], 1, /ENOENT/],
    [['--config', join(directory, 'no.json')], 1, /unexpected EOF/],
    [['--config', join(directory, 'nameless.json')], 1, /missing required field: name at proxy 1/],
    [['--port', '0', '--host', '203.0.113.1'], 1, /EADDRNOTAVAIL/],
  ];
  for (const [args, code, message] of failures) {
    const { exited, errors } = started(t, ...args);
    t.same(await exited, [code, null], args.join(' '));
    t.match(await errors, message);
  }
});
