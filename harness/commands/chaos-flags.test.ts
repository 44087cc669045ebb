import { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { addChaosFlags, type ChaosFlags, chaosOptionsOf } from './chaos-flags.ts';
import type { ChaosOptions } from './chaos.ts';

function optionsFrom(...words: readonly string[]): Omit<ChaosOptions, 'command'> {
  const command = new Command().exitOverride();
  addChaosFlags(command);
  command.parse(words, { from: 'user' });
  return chaosOptionsOf(command.opts<ChaosFlags>(), command);
}

const USUAL = {
  workload: 'register',
  timeS: 60,
  sessionTimeoutMs: 4000,
  participants: undefined,
  servers: undefined,
  config: {},
  probes: { ratePerSecond: 25, deadlineMs: 1000 },
};

const SAID = {
  workload: 'lock',
  participants: 3,
  rate: 12,
  sessionTimeoutMs: 1500,
  timeS: 2.5,
  seed: 7,
  target: 'apache',
  servers: '5',
  apacheClasspath: '/jars',
  config: { tickTime: '250', syncLimit: '3' },
  probes: null,
};

await t.test('the file of a plan says what no flag does', async (t) => {
  const file = join(t.testdir(), 'plan.json');
  writeFileSync(file, JSON.stringify({ schema: 'stampede.plan/1', steps: [], run: SAID }));
  const options = optionsFrom('--plan', file);
  t.match(options, SAID);
  t.equal(options.probes, null);
  t.equal(options.plan?.type, 'file');
});

await t.test('and flags override it, each its own', async (t) => {
  const file = join(t.testdir(), 'plan.json');
  writeFileSync(file, JSON.stringify({ schema: 'stampede.plan/1', steps: [], run: SAID }));
  const other = ['--workload', 'register', '--time', '60', '--seed', '0', '--servers', '3'];
  const options = optionsFrom('--plan', file, ...other, '--set', 'tickTime=500', '--probe-deadline', '300');
  t.match(options, {
    ...SAID,
    workload: 'register',
    timeS: 60,
    seed: 0,
    servers: '3',
    config: { tickTime: '500', syncLimit: '3' },
    probes: { ratePerSecond: 25, deadlineMs: 300 },
  });
  t.equal(optionsFrom('--plan', file, '--session-timeout', '4000').sessionTimeoutMs, 4000);
});

await t.test('what neither says is as usual', async (t) => {
  t.match(optionsFrom(), USUAL);
  t.match(optionsFrom('--plan', 'kill-leader every 5 s'), { ...USUAL, plan: { type: 'schedule' } });
  const file = join(t.testdir(), 'plan.json');
  writeFileSync(file, JSON.stringify({ schema: 'stampede.plan/1', steps: [], run: { participants: 2 } }));
  t.match(optionsFrom('--plan', file), { ...USUAL, participants: 2 });
});
