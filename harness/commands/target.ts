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

export interface TargetOptions {
  /** `embedded`, `apache`, `null`, `null-flush` or a connect string. */
  readonly name: string;
  /** A run's `servers` directory. */
  readonly directory: string;
  /** Lines of zoo.cfg over the defaults. */
  readonly config: Readonly<Record<string, string>>;
  readonly apacheClasspath?: string | undefined;
}

/** @throws UsageError for a target there is not, and for settings of one that is not ours to configure. */
export async function createTarget(options: TargetOptions): Promise<Target> {
  const { name, directory, config } = options;
  switch (name) {
    case 'embedded': {
      const ensemble = await createEmbedded({ directory, config });
      return { kind: name, ensemble, canCrash: true, isReal: true, flushesBeforeAck: isForced(config) };
    }
    case 'apache': {
      const ensemble = await createApache({ apache: apacheOrUsage(options), directory, config });
      return { kind: name, ensemble, canCrash: true, isReal: true, flushesBeforeAck: isForced(config) };
    }
    case 'null':
    case 'null-flush': {
      refuseConfig(options);
      const flushes = name === 'null-flush';
      const ensemble = await NullEnsemble.create({ directory, flushes });
      return { kind: name, ensemble, canCrash: false, isReal: false, flushesBeforeAck: flushes };
    }
    default:
      refuseConfig(options);
      return {
        kind: 'existing',
        ensemble: existing(name),
        canCrash: false,
        isReal: true,
        flushesBeforeAck: null,
      };
  }
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
