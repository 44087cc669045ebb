import { ConnectStringError } from '../client/connect-string.ts';
import { createApache } from '../ensemble/apache.ts';
import { createEmbedded } from '../ensemble/embedded.ts';
import type { Ensemble } from '../ensemble/ensemble.ts';
import { ExistingEnsemble } from '../ensemble/existing.ts';
import { findApache } from '../ensemble/find-apache.ts';
import { NullEnsemble } from '../ensemble/null.ts';
import { UsageError } from './exit-code.ts';

/** A system under test, and what a run may do with it. */
export interface Target {
  readonly kind: 'embedded' | 'apache' | 'null' | 'null-flush' | 'existing';
  readonly ensemble: Ensemble;
  /** Whether its servers are processes of ours, to be killed and started again. */
  readonly canCrash: boolean;
  /** Whether it keeps what it is told: constants can't be verified. */
  readonly isReal: boolean;
  /** Null where it is not ours to know. */
  readonly flushesBeforeAck: boolean | null;
}

/** A target that was found to be possible, before anything of it is made. */
export interface TargetPlan extends Omit<Target, 'ensemble'> {
  /** For one that runs already. @throws EnsembleError or NoSessionError if it can't be reached. */
  reach(): Promise<void>;
  /** Chooses ports and writes configurations below `directory`, a run's `servers`; starts nothing. */
  create(directory: string): Promise<Target>;
}

export interface TargetOptions {
  /** `embedded`, `apache`, `null`, `null-flush` or a connect string. */
  readonly name: string;
  /** Lines of zoo.cfg over the defaults. */
  readonly config: Readonly<Record<string, string>>;
  readonly apacheClasspath?: string | undefined;
}

/** @throws UsageError for a target there is not, and for settings of one that is not ours to configure. */
export function planTarget(options: TargetOptions): TargetPlan {
  const { name, config } = options;
  switch (name) {
    case 'embedded': {
      const facts = { kind: name, canCrash: true, isReal: true, flushesBeforeAck: isForced(config) } as const;
      return plan(facts, (directory) => createEmbedded({ directory, config }));
    }
    case 'apache': {
      const apache = apacheOrUsage(options);
      const facts = { kind: name, canCrash: true, isReal: true, flushesBeforeAck: isForced(config) } as const;
      return plan(facts, (directory) => createApache({ apache, directory, config }));
    }
    case 'null':
    case 'null-flush': {
      refuseConfig(options);
      const flushes = name === 'null-flush';
      const facts = { kind: name, canCrash: false, isReal: false, flushesBeforeAck: flushes } as const;
      return plan(facts, (directory) => NullEnsemble.create({ directory, flushes }));
    }
    default: {
      refuseConfig(options);
      const ensemble = existing(name);
      const facts = { kind: 'existing', canCrash: false, isReal: true, flushesBeforeAck: null } as const;
      return { ...plan(facts, () => Promise.resolve(ensemble)), reach: () => ensemble.start() };
    }
  }
}

function plan(facts: Omit<Target, 'ensemble'>, create: (directory: string) => Promise<Ensemble>): TargetPlan {
  return {
    ...facts,
    reach: () => Promise.resolve(),
    create: async (directory) => ({ ...facts, ensemble: await create(directory) }),
  };
}

function isForced(config: Readonly<Record<string, string>>): boolean {
  return config['forceSync'] !== 'no';
}

function apacheOrUsage({ apacheClasspath }: TargetOptions) {
  const search = findApache(apacheClasspath);
  if (!search.found) throw new UsageError(`--target apache: ${search.why}`);
  return search.apache;
}

function existing(connectString: string): Ensemble {
  if (!/[:,]/.test(connectString)) {
    throw new UsageError(
      `--target ${connectString}: give embedded, apache, null, null-flush or a connect string such as 127.0.0.1:2181`,
    );
  }
  try {
    return new ExistingEnsemble(connectString);
  } catch (error) {
    if (!(error instanceof ConnectStringError)) throw error;
    throw new UsageError(`--target ${connectString}: ${error.message}`, { cause: error });
  }
}

function refuseConfig({ name, config }: TargetOptions): void {
  const [key] = Object.keys(config);
  if (key === undefined) return;
  throw new UsageError(
    `--set ${key}=…: the configuration of --target ${name} is not this run's to set; leave it out`,
  );
}
