import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Arm, ArmError, armOf, parseArm } from '../compare/arm.ts';
import { overrideWorkload } from '../load/override-workload.ts';
import { findWorkload } from '../../workloads/index.ts';
import { UsageError } from './exit-code.ts';
import { chooseFault } from './fault-choice.ts';
import { besideFrom } from './http-bench.ts';
import { asUsage, planTarget, SERVERS_DEFAULT } from './target.ts';

/** What `compare` was told for all arms; what an arm says counts for more. */
export interface CommonSettings {
  readonly workload: string;
  /** `setting=value` of the workload. */
  readonly with: readonly string[];
  /** Lines of zoo.cfg. */
  readonly config: Readonly<Record<string, string>>;
  readonly servers: string | undefined;
  readonly target: string | undefined;
  /** `none` for nothing; undefined for what is usual. */
  readonly fault: string | undefined;
  readonly apacheClasspath: string | undefined;
  /** Other flags of `bench`, which are the same for all. */
  readonly flags: readonly string[];
}

/** An arm that was found to be possible. */
export interface ArmPlan {
  readonly name: string;
  /** For its rounds of `bench`. */
  readonly flags: readonly string[];
  /** Of what is done to its servers in each round; null for nothing. */
  readonly fault: string | null;
  readonly isOpenLoop: boolean;
}

/** Under a fault, where nobody says how the load is to be: enough to see a gap to a few ms, and little enough to recover in. */
const RATE_UNDER_FAULT = 1000;
const NO_FAULT = 'none';

/** `--arm` as typed: words, or the name of a file. @throws UsageError */
export function readArm(text: string): Arm {
  return orUsageError(() => (/\.(ya?ml|json)$/.test(text) ? armOf(readYaml(text), text) : parseArm(text)));
}

/**
 * The flags of `bench` for an arm. `checkoutOf`: the directory where a revision is built.
 *
 * @throws UsageError or WorkloadError for what can't be, before anything is started.
 */
export function planArm(arm: Arm, common: CommonSettings, checkoutOf: (revision: string) => string): ArmPlan {
  const config = { ...common.config, ...arm.set };
  const { target, servers } = serversOf(arm, common, checkoutOf);
  const { apacheClasspath } = common;
  const possible = planTarget({ name: target, servers, config, apacheClasspath });
  const fault = arm.fault ?? common.fault;
  const choice = fault === NO_FAULT ? null : chooseFault({ fault }, possible);
  besideFrom(arm.beside);
  const name = arm.workload ?? common.workload;
  const settings = [...common.with, ...Object.entries(arm.with).map(([key, value]) => `${key}=${value}`)];
  const asked = findWorkload(name);
  const saysHow = asked.rate !== undefined || settings.some((setting) => /^(rate|depth)=/.test(setting));
  if (choice !== null && !saysHow) settings.push(`rate=${RATE_UNDER_FAULT}`);
  const workload = overrideWorkload(asked, settings);
  return {
    name: arm.name,
    flags: [
      '--workload',
      name,
      ...settings.flatMap((setting) => ['--with', setting]),
      ...Object.entries(config).flatMap(([key, value]) => ['--set', `${key}=${value}`]),
      ...(target === undefined ? [] : ['--target', target]),
      ...(servers === undefined ? [] : ['--servers', servers]),
      ...(apacheClasspath === undefined ? [] : ['--apache-classpath', apacheClasspath]),
      ...(arm.beside === undefined ? [] : ['--beside', arm.beside]),
      ...(choice === null ? ['--rounds', '0'] : ['--fault', choice.fault.name, '--rounds', '1']),
      ...common.flags,
    ],
    fault: choice?.fault.name ?? null,
    isOpenLoop: workload.rate !== undefined,
  };
}

function serversOf(
  { kind, target, servers }: Arm,
  common: CommonSettings,
  checkoutOf: (revision: string) => string,
): { readonly target: string | undefined; readonly servers: string | undefined } {
  if (kind === undefined) return { target: target ?? common.target, servers: servers ?? common.servers };
  const count = Number(servers ?? common.servers ?? SERVERS_DEFAULT);
  if (!Number.isInteger(count)) {
    throw new UsageError(
      `--servers ${common.servers}: an arm says ${kind}; give --servers a number, or say the kinds with each arm`,
    );
  }
  const revision = /^rev:(.+)$/.exec(kind)?.[1];
  const one = revision === undefined ? kind : `ours@${checkoutOf(revision)}`;
  return { target: undefined, servers: Array<string>(count).fill(one).join(',') };
}

/** The revisions that must be built before arms can be planned. */
export function revisionsIn(arms: readonly Arm[]): string[] {
  return [...new Set(arms.flatMap(({ kind }) => /^rev:(.+)$/.exec(kind ?? '')?.[1] ?? []))];
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UsageError(`--arm ${file}: ${line}; give a file that says what the arm does otherwise`, {
      cause: error,
    });
  }
}

function orUsageError<T>(work: () => T): T {
  try {
    return asUsage(work);
  } catch (error) {
    if (!(error instanceof ArmError)) throw error;
    throw new UsageError(`--arm ${error.message}`, { cause: error });
  }
}
