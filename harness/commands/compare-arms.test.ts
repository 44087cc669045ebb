import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { parseArm } from '../compare/arm.ts';
import { type CommonSettings, planArm, readArm, revisionsIn } from './compare-arms.ts';

const COMMON: CommonSettings = {
  workload: 'write-heavy',
  with: ['durationS=5'],
  config: { syncLimit: '3' },
  servers: undefined,
  target: undefined,
  fault: undefined,
  apacheClasspath: undefined,
  flags: ['--generators', '1'],
};

const planned = (words: string, common: Partial<CommonSettings> = {}) =>
  planArm(parseArm(words), { ...COMMON, ...common }, (revision) => `/built/${revision}`);

/** What stands behind a flag, each time. */
function after(flags: readonly string[], flag: string): string[] {
  return flags.flatMap((word, index) => (flags[index - 1] === flag ? [word] : []));
}

await t.test('what an arm says counts for more than what all are told', async (t) => {
  const { flags, fault } = planned('tickTime=500 syncLimit=2 workload=mixed durationS=7 fault=pause-leader');
  t.same(after(flags, '--set'), ['syncLimit=2', 'tickTime=500']);
  t.same(after(flags, '--workload'), ['mixed']);
  t.same(after(flags, '--fault'), ['pause-leader']);
  t.equal(after(flags, '--with').at(-1 - 1), 'durationS=7');
  t.equal(fault, 'pause-leader');
  t.same(flags.slice(-2), COMMON.flags);
});

await t.test('under a fault the load is an open loop, unless somebody says how it is to be', async (t) => {
  t.match(planned('tickTime=500'), { fault: 'kill-leader', isOpenLoop: true });
  t.same(after(planned('tickTime=500').flags, '--with'), ['durationS=5', 'rate=1000']);
  t.match(planned('depth=3'), { isOpenLoop: false });
  t.match(planned('tickTime=500', { with: ['depth=2'] }), { isOpenLoop: false });
  const { flags, ...calm } = planned('tickTime=500', { fault: 'none' });
  t.match(calm, { fault: null, isOpenLoop: false });
  t.same(after(flags, '--rounds'), ['0']);
});

await t.test('a kind is that of all its servers', async (t) => {
  t.same(after(planned('ours').flags, '--servers'), ['ours,ours,ours']);
  t.same(after(planned('ours servers=1').flags, '--servers'), ['ours']);
  t.same(after(planned('ours', { servers: '5' }).flags, '--servers'), ['ours,ours,ours,ours,ours']);
  t.throws(() => planned('ours', { servers: 'ours,ours,apache' }), {
    name: 'UsageError',
    message: /a number/,
  });
  t.same(revisionsIn([parseArm('rev:main'), parseArm('ours'), parseArm('rev:main')]), ['main']);
  t.throws(() => planned('rev:main'), {
    name: 'UsageError',
    message: /\/built\/main\/dist\/server\/main\.js/,
  });
});

await t.test('a freeze is a pause', async (t) => {
  t.equal(planned('tickTime=500', { fault: 'freeze-leader' }).fault, 'pause-leader');
});

await t.test('what cannot be is refused before anything is started', async (t) => {
  t.throws(() => planned('fault=earthquake'), { name: 'UsageError', message: /no such fault/ });
  t.throws(() => planned('workload=nap'), { name: 'WorkloadError' });
  t.throws(() => planned('rate=-1'), { name: 'WorkloadError' });
  t.throws(() => planned('target=null fault=kill-leader', { config: {} }), {
    name: 'UsageError',
    message: /not this run's to break/,
  });
});

await t.test('an arm may stand in a file', async (t) => {
  const directory = t.testdir({ 'arm.yaml': 'name: quick\nset: { tickTime: 500 }\n' });
  t.match(readArm(join(directory, 'arm.yaml')), { name: 'quick', set: { tickTime: '500' } });
  writeFileSync(join(directory, 'arm.yaml'), 'set: [');
  t.throws(() => readArm(join(directory, 'arm.yaml')), { name: 'UsageError', message: /arm\.yaml: / });
  t.throws(() => readArm(join(directory, 'no.yaml')), { name: 'UsageError', message: /no\.yaml: ENOENT/ });
  writeFileSync(join(directory, 'arm.yaml'), 'ticktime: 3');
  t.throws(() => readArm(join(directory, 'arm.yaml')), { name: 'UsageError', message: /ticktime/ });
});
