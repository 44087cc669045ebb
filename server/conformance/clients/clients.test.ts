import { join } from 'node:path';
import t from 'tap';
import { CLIENT_CONFIG } from '../client-config.ts';
import { startTarget, whyUnavailable } from '../targets.ts';
import { QUICK_SUITES } from './index.ts';

// Clients of others, as they are, against our server. That the cases hold against Apache is checked by hand and
// in CI: node dist/server/conformance/main.js --target apache.
for (const suite of QUICK_SUITES) {
  const skip = suite.whyUnavailable() || whyUnavailable('ours');
  await t.test(`${suite.name} gets from our server what it gets from Apache`, { skip }, async (t) => {
    const directory = join(t.testdir(), suite.name);
    const target = await startTarget('ours', { directory, config: CLIENT_CONFIG });
    t.teardown(() => target.stop());
    for (const { name, ok, detail } of await suite.run(target.address)) t.ok(ok, name, { detail });
  });
}
