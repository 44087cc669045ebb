import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { pause } from '../ensemble/wait-until.ts';
import { cleanEnvironment } from '../load/clean-environment.ts';
import { type LoadClock, monotonicClock } from '../load/load-clock.ts';
import { judgeProber } from './judge-prober.ts';
import { readProbeFile } from './probe-file.ts';
import { probeTargets } from './probe-rates.ts';
import type { ProbeClass, ProbeLog } from './probe-record.ts';
import { ProberError, ProberProcess } from './prober-process.ts';
import type { ProberSummary } from './prober-messages.ts';
import { type FaultWindow, recoveryOf, type RecoveryTimes, type SeriesRecovery } from './recovery.ts';
import { seriesOf } from './series.ts';
import { baselineOf, RECOVERY_LIMITS } from './steady.ts';
import { ScriptedServer } from './testing/scripted-server.ts';

const DEADLINE_MS = 500;
const BASELINE_MS = 1200;
const AFTERWARDS_MS = 1200;
/** Of a machine that does other things, too, latency says nothing: where it matters a test has a limit of its own. */
const LIMITS = { ...RECOVERY_LIMITS, windowMs: 500, p99FactorMax: Infinity };
/** To be connected again and answered takes each side some turns, any of which may be late. */
const TURNS = 3;
const FREQUENT: readonly ProbeClass[] = ['read', 'syncRead', 'write'];

interface Probed {
  readonly log: ProbeLog;
  readonly summary: ProberSummary;
  readonly endMs: number;
  /** By how much either side was late to do what it then did: no time is known more exactly. */
  readonly lagMs: number;
}

/** Servers in this process, probed by another while `script` goes on. */
async function probe(
  t: Test,
  servers: readonly ScriptedServer[],
  { clock, startNs, script }: { clock: LoadClock; startNs: bigint; script: (pid: number) => Promise<void> },
): Promise<Probed> {
  for (const server of servers) {
    await server.start();
    t.teardown(() => server.stop());
  }
  const prober = new ProberProcess();
  t.teardown(() => prober.kill());
  const file = join(t.testdir(), 'probes.bin');
  await prober.open({
    servers: servers.map(({ address }, index) => ({ id: index + 1, clientAddress: address })),
    connectString: servers.map(({ address }) => address).join(','),
    targets: probeTargets(
      servers.map((_, index) => index + 1),
      50,
    ),
    startNs: String(startNs),
    file,
    deadlineMs: DEADLINE_MS,
    sessionTimeoutMs: 10_000,
  });
  await prober.begin();
  await pause(BASELINE_MS);
  await script(prober.pid ?? 0);
  await pause(AFTERWARDS_MS);
  const endMs = clock.nowNs() / 1e6;
  const summary = await prober.end();
  const log = readProbeFile(file);
  const { lagMaxMs } = judgeProber(log, summary);
  const lagMs = TURNS * ((lagMaxMs ?? 0) + Math.max(...servers.map((server) => server.lagMaxMs)));
  return { log, summary, endMs, lagMs };
}

function clockFromNow(): { readonly clock: LoadClock; readonly startNs: bigint } {
  const startNs = process.hrtime.bigint();
  return { clock: monotonicClock(startNs), startNs };
}

/** From the first stamp, which broke it, to the second, which mended it. */
function windowOf({ stamps }: ScriptedServer, { endMs }: Probed): FaultWindow {
  const [broken, mended] = stamps;
  if (broken === undefined) throw new Error('the script has not begun');
  return {
    activeMs: broken.atMs,
    healedMs: mended?.atMs ?? null,
    untilMs: endMs,
    baseline: { fromMs: 0, toMs: broken.atMs },
  };
}

function seriesIn(times: RecoveryTimes, probeClass: ProbeClass, serverId: number | null): SeriesRecovery {
  const found = times.series.find((one) => one.probeClass === probeClass && one.serverId === serverId);
  if (found === undefined) throw new Error(`no ${probeClass} of ${serverId}`);
  return found;
}

/** In ms; `to` is how much later than `from` at most. */
function between(t: Test, atMs: number | null, range: { from: number; to: number }, what: string): void {
  t.ok(
    atMs !== null && atMs >= range.from && atMs <= range.from + range.to,
    `${what}: ${atMs?.toFixed(1)} in ${range.from.toFixed(1)} + ${range.to.toFixed(1)}`,
  );
}

for (const type of ['refuses', 'errs'] as const) {
  await t.test(`a server that ${type} for 600 ms: every time is right to one interval`, async (t) => {
    const { clock, startNs } = clockFromNow();
    const server = new ScriptedServer(clock);
    const probed = await probe(t, [server], {
      clock,
      startNs,
      script: async () => {
        await server.behave({ type });
        await pause(600);
        await server.behave({ type: 'serves' });
      },
    });
    const window = windowOf(server, probed);
    const times = recoveryOf(probed.log, window, LIMITS);
    const { activeMs, healedMs } = window;
    const outageMs = Number(healedMs) - activeMs;
    const exact = times.resolutionMs + probed.lagMs;
    between(t, times.detectedAtMs, { from: activeMs, to: exact }, 'detected');
    t.equal(times.detectedBy, 'probe');
    // A probe is as before from when it was meant to be, which may be a little before it was sent.
    const healed = { from: Number(healedMs) - probed.lagMs, to: exact + probed.lagMs };
    between(t, times.steadyAtMs, healed, 'steady');
    const { dialPauseMs } = probed.log;
    for (const serverId of [1, null]) {
      for (const probeClass of FREQUENT) {
        const one = seriesIn(times, probeClass, serverId);
        const to = one.intervalMs + dialPauseMs + probed.lagMs;
        const name = `${probeClass} of ${serverId ?? 'the ensemble'}`;
        between(t, one.firstFailureAtMs, { from: activeMs, to }, `${name}: first failure`);
        between(t, one.firstSuccessAtMs, { from: Number(healedMs), to }, `${name}: first success`);
        between(
          t,
          one.steadyAtMs,
          { from: Number(healedMs) - probed.lagMs, to: to + probed.lagMs },
          `${name}: steady`,
        );
        // Between two probes there is no success either.
        between(t, one.longestGapMs, { from: outageMs, to: one.intervalMs + to }, `${name}: gap`);
        const lostMs = Number(one.lostAvailabilitySeconds) * 1000;
        between(t, lostMs, { from: outageMs - to, to: 2 * to }, `${name}: lost`);
      }
    }
    const pinnedMs = seriesIn(times, 'read', 1).intervalMs + dialPauseMs + probed.lagMs;
    between(t, times.rejoinedAtMs, { from: Number(healedMs), to: pinnedMs }, 'rejoined');
    t.equal(probed.log.isComplete, true);
    t.equal(probed.log.records.length, probed.summary.probes);
  });
}

await t.test('a stall shows when the deadline has passed, and ends with the answers that wait', async (t) => {
  const { clock, startNs } = clockFromNow();
  const server = new ScriptedServer(clock);
  const probed = await probe(t, [server], {
    clock,
    startNs,
    script: async () => {
      await server.behave({ type: 'stalls' });
      await pause(900);
      await server.behave({ type: 'serves' });
    },
  });
  const window = windowOf(server, probed);
  const times = recoveryOf(probed.log, window, LIMITS);
  const { activeMs, healedMs } = window;
  const outageMs = Number(healedMs) - activeMs;
  for (const probeClass of [...FREQUENT, 'watch'] as const) {
    const one = seriesIn(times, probeClass, null);
    const to = one.intervalMs + probed.lagMs;
    // What was on its way had been meant an instant before the stall began.
    const range = { from: activeMs + DEADLINE_MS - probed.lagMs, to: to + probed.lagMs };
    between(t, one.firstFailureAtMs, range, `${probeClass}: first failure`);
    between(t, one.firstSuccessAtMs, { from: Number(healedMs), to }, `${probeClass}: first success`);
    between(t, one.longestGapMs, { from: outageMs, to: one.intervalMs + to }, `${probeClass}: gap`);
    const lostMs = Number(one.lostAvailabilitySeconds) * 1000;
    between(t, lostMs, { from: outageMs - DEADLINE_MS - to, to: 2 * to }, `${probeClass}: lost`);
  }
});

await t.test('a server that lags fails nobody, and is steady only when it does not lag', async (t) => {
  const { clock, startNs } = clockFromNow();
  const server = new ScriptedServer(clock);
  const probed = await probe(t, [server], {
    clock,
    startNs,
    script: async () => {
      await server.behave({ type: 'lags', delayMs: 250 });
      await pause(600);
      await server.behave({ type: 'serves' });
    },
  });
  const window = windowOf(server, probed);
  const reads = seriesOf(probed.log).find(
    ({ probeClass, serverId }) => probeClass === 'read' && serverId === null,
  );
  // Slow is what takes 200 ms, however slow the machine was before.
  const p99FactorMax = 200 / Number(reads && baselineOf(reads, window.baseline)?.p99Ms);
  const times = recoveryOf(probed.log, window, { ...LIMITS, p99FactorMax });
  const read = seriesIn(times, 'read', null);
  // Whatever else the machine does may be slow as well; but nothing was fast before the server was.
  const { intervalMs } = read;
  t.ok(read.steadyAtMs === null || read.steadyAtMs >= Number(window.healedMs) - 250 - probed.lagMs);
  if (probed.lagMs < 40) {
    t.equal(read.firstFailureAtMs, null);
    between(t, read.longestGapMs, { from: 250, to: 2 * intervalMs + probed.lagMs }, 'gap');
  }
});

await t.test(
  'the client of the ensemble goes on with the next server; the first one comes back',
  async (t) => {
    const { clock, startNs } = clockFromNow();
    const [first, second, third] = [
      new ScriptedServer(clock, 'leader'),
      new ScriptedServer(clock, 'follower'),
      new ScriptedServer(clock, 'follower'),
    ];
    let electedMs = 0;
    const probed = await probe(t, [first, second, third], {
      clock,
      startNs,
      script: async () => {
        await first.behave({ type: 'refuses' });
        await pause(200);
        second.role = 'leader';
        electedMs = clock.nowNs() / 1e6;
        await pause(500);
        first.role = 'follower';
        await first.behave({ type: 'serves' });
      },
    });
    const window = windowOf(first, probed);
    const times = recoveryOf(probed.log, window, LIMITS);
    const { dialPauseMs } = probed.log;
    for (const probeClass of FREQUENT) {
      const all = seriesIn(times, probeClass, null);
      // Cut off, and with the second server within an interval.
      const to = 2 * (all.intervalMs + dialPauseMs) + probed.lagMs;
      between(t, all.longestGapMs, { from: 0, to }, `${probeClass}: gap of the ensemble`);
      for (const serverId of [2, 3]) {
        t.equal(seriesIn(times, probeClass, serverId).firstFailureAtMs, null, `${serverId} has not failed`);
      }
      const pinned = seriesIn(times, probeClass, 1);
      const until = { from: Number(window.healedMs), to: pinned.intervalMs + dialPauseMs + probed.lagMs };
      between(t, pinned.firstSuccessAtMs, until, `${probeClass}: the first server is back`);
    }
    const pinnedMs = seriesIn(times, 'read', 1).intervalMs + dialPauseMs + probed.lagMs;
    between(t, times.rejoinedAtMs, { from: Number(window.healedMs), to: pinnedMs }, 'rejoined');
    t.equal(times.leaderId, 2);
    between(
      t,
      times.electedAtMs,
      { from: electedMs, to: Number(times.electedWithinMs) + probed.lagMs },
      'elected',
    );
    t.ok(Number(times.electedWithinMs) < 100 + probed.lagMs, 'who fails is asked often');
  },
);

await t.test('a prober that did not run when it should have says so', async (t) => {
  const { clock, startNs } = clockFromNow();
  const server = new ScriptedServer(clock);
  let stoppedMs = 0;
  const probed = await probe(t, [server], {
    clock,
    startNs,
    script: async (pid) => {
      stoppedMs = clock.nowNs() / 1e6;
      process.kill(pid, 'SIGSTOP');
      await pause(300);
      process.kill(pid, 'SIGCONT');
    },
  });
  const times = recoveryOf(probed.log, {
    activeMs: stoppedMs,
    healedMs: null,
    untilMs: probed.endMs,
    baseline: { fromMs: 0, toMs: stoppedMs },
  });
  t.ok(times.lagMaxMs >= 250, `late by ${times.lagMaxMs} ms`);
  t.equal(times.isLimited, true);
  t.equal(judgeProber(probed.log, probed.summary).limited, true);
  const reads = probed.log.records.filter(
    ({ probeClass, target }) => probeClass === 'read' && target === 1,
  ).length;
  const elapsedMs = probed.endMs - (probed.log.records[0]?.intendedNs ?? 0) / 1e6;
  t.ok(Math.abs(reads - elapsedMs / 20) <= 2 + probed.lagMs / 20, 'and nothing that was due is left out');
});

await t.test('of a prober that was killed there is what it saw', async (t) => {
  const { clock, startNs } = clockFromNow();
  const server = new ScriptedServer(clock);
  await server.start();
  t.teardown(() => server.stop());
  const prober = new ProberProcess();
  t.teardown(() => prober.kill());
  const file = join(t.testdir(), 'probes.bin');
  await prober.open({
    servers: [{ id: 1, clientAddress: server.address }],
    connectString: server.address,
    targets: probeTargets([1], 50),
    startNs: String(startNs),
    file,
    deadlineMs: DEADLINE_MS,
    sessionTimeoutMs: 10_000,
  });
  await prober.begin();
  const emptyBytes = statSync(file).size;
  while (statSync(file).size === emptyBytes) await pause(20);
  prober.kill();
  await t.rejects(prober.end(), ProberError);
  const log = readProbeFile(file);
  t.equal(log.isComplete, false);
  t.ok(log.records.length > 0);
  const { limited, cpuShare, reasons } = judgeProber(log, null);
  t.match([limited, cpuShare], [true, null]);
  t.match(reasons.at(-1), 'did not come to its end');
  t.ok(clock.nowNs() > 0);
});

await t.test('a prober dies with its parent', async (t) => {
  const { clock } = clockFromNow();
  const server = new ScriptedServer(clock);
  await server.start();
  t.teardown(() => server.stop());
  const file = join(t.testdir(), 'probes.bin');
  const config = {
    servers: [{ id: 1, clientAddress: server.address }],
    connectString: server.address,
    targets: probeTargets([1], 50),
    startNs: '0',
    file,
    deadlineMs: DEADLINE_MS,
    sessionTimeoutMs: 10_000,
  };
  const program = `
    import { ProberProcess } from ${JSON.stringify(new URL('./prober-process.js', import.meta.url).href)};
    const prober = new ProberProcess();
    await prober.open(${JSON.stringify(config)});
    await prober.begin();
    console.log('probing');`;
  // The prober inherits the parent's stderr: that pipe ends when the last of them is gone, and not before.
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: cleanEnvironment(),
  });
  t.teardown(() => parent.kill('SIGKILL'));
  parent.stderr.resume();
  await once(parent.stdout, 'data');
  parent.kill('SIGKILL');
  await t.resolves(once(parent.stderr, 'close'), 'both are gone');
  t.ok(existsSync(file));
});
