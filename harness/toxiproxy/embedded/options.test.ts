import t from 'tap';
import { OptionsError, parseOptions } from './options.ts';

await t.test('flags have two dashes, or one as those of Toxiproxy', async (t) => {
  const defaults = {
    host: 'localhost',
    port: 8474,
    seed: 1,
    config: null,
    isStock: false,
    redialLimitMs: 60_000,
  };
  t.same(parseOptions([]), defaults);
  t.same(parseOptions(['-host', '127.0.0.1', '-port=0', '--seed', '7', '--stock', '-config', 'x.json']), {
    ...defaults,
    host: '127.0.0.1',
    port: 0,
    seed: 7,
    isStock: true,
    config: 'x.json',
  });
  t.equal(parseOptions(['--redial-limit', '0']).redialLimitMs, 0);
});

await t.test('what they do not mean is refused', async (t) => {
  for (const args of [['--port', '65536'], ['--seed', '-1'], ['--seed', 'x'], ['--other'], ['loose']]) {
    t.throws(() => parseOptions(args), OptionsError, args.join(' '));
  }
});
