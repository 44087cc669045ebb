import { existsSync } from 'node:fs';
import t from 'tap';
import { BenchRun } from './testing/bench-run.ts';

const LIGHT = ['--depth', '2', '--duration', '3', '--seed', '5'];

await t.test('a fault is measured by probes beside the load, and nothing of them stays', async (t) => {
  const command = new BenchRun(t.testdir(), LIGHT, { isGroup: true });
  t.teardown(() => command.kill());
  t.equal(await command.exitCode(), 0, command.stderr);
  const { report, run } = command;
  t.match(report.verification, { verdict: 'valid' });
  t.ok(existsSync(run.probesFile));
  const { availability, recovery } = report;
  t.equal(availability?.rows.length, 5 * 4, 'five classes at three servers and at the ensemble');
  for (const { probeClass, serverId, intended, ok, errors, bins } of availability?.rows ?? []) {
    const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
    t.equal(ok + failed, intended, `${probeClass} of ${serverId}: every probe has an end`);
    t.ok(bins.length > 0 && ok > 0);
  }
  t.same(availability?.roles.map(({ serverId }) => serverId).sort(), [1, 2, 3]);
  t.ok(Number(availability?.prober.cpuShare) > 0);

  t.equal(recovery?.faults.length, 1);
  const [fault] = recovery?.faults ?? [];
  const { activeAtMs, detectedAtMs, electedAtMs, untilMs, series = [] } = fault ?? {};
  const inOrder = [activeAtMs, detectedAtMs, electedAtMs, untilMs].map(Number);
  t.same(
    inOrder,
    inOrder.toSorted((a, b) => a - b),
    'in effect, detected, a new leader, over',
  );
  t.match(fault, { kind: 'kill-leader', fault: /^leader killed \(server [123]\)$/, resolutionMs: 50 });
  const victim = report.recoveries[0]?.serverId ?? 0;
  t.not(fault?.leaderId, victim);
  const ofVictim = series.find(({ probeClass, serverId }) => probeClass === 'write' && serverId === victim);
  t.ok(Number(ofVictim?.firstFailureAtMs) >= Number(activeAtMs), 'who is killed fails');
  t.ok(Number(ofVictim?.longestGapMs) > 0);
  t.same(await command.leftRunning(), []);
});

await t.test('--probes off leaves them out', async (t) => {
  const command = new BenchRun(t.testdir(), ['--servers', '1', ...LIGHT, '--probes', 'off']);
  t.teardown(() => command.kill());
  t.equal(await command.exitCode(), 0, command.stderr);
  t.equal(existsSync(command.run.probesFile), false);
  t.match(command.report, { availability: null, recovery: null });
});

await t.test('a choice of probes that there is not is refused', async (t) => {
  for (const args of [
    ['--probes', 'some'],
    ['--probe-rate', '0'],
    ['--probe-deadline', 'soon'],
  ]) {
    t.equal(await new BenchRun(t.testdir(), args).exitCode(), 2, args.join(' '));
  }
});
