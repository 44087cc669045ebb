import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRunDirectory, type RunDirectory, writeRunFile } from '../../history/run-directory.ts';
import type { ReportInput } from '../../history/report-schema.ts';
import type { RunFile } from '../../history/run-file.ts';
import type { Plan } from '../../nemesis/plan/plan.ts';
import type { RunSettings } from '../../nemesis/plan/run-settings.ts';

/** What comes of a run: what it is found guilty of, nothing, or that it never ends. */
export type Outcome = 'lost update' | 'stale read' | 'nothing' | 'endless';

/** What a run of a script has been told. */
export interface Played {
  /** By name. */
  readonly faults: readonly string[];
  readonly run: RunSettings;
}

/**
 * The main file of a stand-in for `chaos`, whose runs take no time, and come to what `outcome` says of them: a function of
 * what is played (`Played`) and of how many were before, as a text. `directory`: where it is written.
 */
export function scriptedMain(directory: string, outcome: string): string {
  const main = join(directory, 'main.mjs');
  const reports = {
    'lost update': reportOf('lost update'),
    'stale read': reportOf('stale read'),
    nothing: reportOf('nothing'),
    endless: reportOf('endless'),
  };
  writeFileSync(`${main}.log`, '');
  writeFileSync(
    main,
    `import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
    import { once } from 'node:events';
    import { parse } from 'yaml';
    const [, , , , planFile, , out] = process.argv;
    const { steps, run } = parse(readFileSync(planFile, 'utf8'));
    const played = { faults: steps.map(({ fault }) => fault), run };
    const before = readFileSync('${main}.log', 'utf8').split('\\n').length - 1;
    appendFileSync('${main}.log', JSON.stringify(played) + '\\n');
    const outcome = (${outcome})(played, before);
    if (outcome === 'endless') {
      setInterval(() => {}, 1_000);
      await once(process, 'SIGINT');
    }
    writeFileSync(mkdtempSync(out + '/run-') + '/report.json', JSON.stringify(${JSON.stringify(reports)}[outcome]));
    process.exit({ nothing: 0, endless: 130 }[outcome] ?? 100);`,
  );
  return main;
}

/** All that was played by it. */
export function playedBy(main: string): Played[] {
  const lines = readFileSync(`${main}.log`, 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Played);
}

/** A run that has come to `outcome` 3 s after its clients had begun, as its directory would tell. */
export function storedRun(
  parent: string,
  {
    main,
    plan,
    faults,
    settings,
    command = ['chaos'],
    outcome = 'lost update',
  }: {
    readonly main: string;
    readonly plan?: Plan;
    readonly faults?: NonNullable<RunFile['faults']>;
    readonly settings?: RunSettings;
    readonly command?: string[];
    readonly outcome?: Outcome;
  },
): RunDirectory {
  const run = createRunDirectory({ parent, workload: 'register', now: new Date() });
  const cpu = { model: '', logical: 1 };
  writeRunFile(run, {
    schema: 'stampede.run/1',
    toolVersion: '0',
    command,
    main,
    workload: 'register',
    config: { run: settings, plan },
    seed: 1,
    environment: { node: '', platform: '', arch: '', kernel: '', cpu, memoryBytes: 1, disk: null, git: null },
    started: { wall: '', monotonicNs: '0' },
    ...(faults !== undefined && { faults }),
  });
  writeFileSync(run.reportJson, JSON.stringify(reportOf(outcome)));
  return run;
}

function reportOf(outcome: Outcome): ReportInput {
  const isInvalid = outcome === 'lost update' || outcome === 'stale read';
  const verdict = isInvalid ? 'invalid' : 'valid';
  const op = { index: 0, process: 0, kind: 'setData', outcome: 'ok', node: '/', zxid: null };
  const ops = [{ ...op, invokeMs: 4_900, completeMs: 5_000 }];
  const anomaly = { name: outcome, verdict: 'invalid', explanation: 'it is seen here', ops } as const;
  const anomalies = isInvalid ? [anomaly] : [];
  const checker = { name: 'register', verdict, opsChecked: 1, durationMs: 1, counts: {}, anomalies } as const;
  return {
    schema: 'stampede.report/1',
    identity: { runId: 'run', toolVersion: '0', command: '', startedAt: '' },
    phases: [{ name: 'measure', startMs: 2_000, endMs: 9_000 }],
    verification: { verdict, checkers: [checker] },
    verdict: { passed: !isInvalid, exitCode: 0, sentence: 'The sentence of its report.' },
  };
}
