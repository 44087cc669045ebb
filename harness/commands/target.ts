import { ConnectStringError } from '../client/connect-string.ts';
import { ComposeEnsemble } from '../ensemble/compose-ensemble.ts';
import { requireCompose } from '../ensemble/compose-project.ts';
import { COMPOSE_KINDS, type ComposeKind, composeVariables } from '../ensemble/compose-settings.ts';
import { createEnsemble, type ServerPlan } from '../ensemble/create-ensemble.ts';
import type { Ensemble } from '../ensemble/ensemble.ts';
import { ExistingEnsemble } from '../ensemble/existing.ts';
import { nullProgram } from '../ensemble/null.ts';
import { parseServers, serverCountIn, ServersError } from '../ensemble/parse-servers.ts';
import type { Router } from '../ensemble/routes.ts';
import type { FieldFacts } from '../nemesis/availability.ts';
import type { ServerControls } from '../nemesis/control/server-controls.ts';
import { UsageError } from './exit-code.ts';

/** How many servers there are where nobody says. */
export const SERVERS_DEFAULT = 3;

/** A system under test, and what a run may do with it. */
export interface Target {
  readonly ensemble: Ensemble;
  /** Whether its servers are this run's, to be killed and started again. */
  readonly canCrash: boolean;
  /** Whether it keeps what it is told: constants can't be verified. */
  readonly isReal: boolean;
  /** Null where it is not ours to know. */
  readonly flushesBeforeAck: boolean | null;
}

/** A target that was found to be possible, before anything of it is made. */
export interface TargetPlan extends Omit<Target, 'ensemble'> {
  readonly name: string;
  readonly serverCount: number;
  /** What is known of its servers before they are started; none where they are not this run's to start. */
  readonly field: FieldFacts;
  /** Makes sure that what it takes is there. @throws EnsembleError or NoSessionError if it can't be reached. */
  reach(): Promise<void>;
  /** Chooses ports and writes configurations below `directory`, a run's `servers`; starts nothing. */
  create(directory: string): Promise<Target>;
}

export interface TargetOptions {
  /** `embedded`, `apache`, `compose`, `compose-apache`, `null`, `null-flush` or a connect string; undefined for `embedded`, or what `servers` lists. */
  readonly name: string | undefined;
  /** How many, or which kinds: see `parseServers`. */
  readonly servers?: string | undefined;
  /** Lines of zoo.cfg over the defaults. */
  readonly config: Readonly<Record<string, string>>;
  readonly apacheClasspath?: string | undefined;
  /** What lies between its servers; for servers of ours to start alone. */
  readonly through?: Router | undefined;
  /** What is to be loaded into its servers' processes, as far as they take it. */
  readonly controls?: ServerControls | null | undefined;
}

/** @throws UsageError for a target there is not, and for settings of one that is not ours to configure. */
export function planTarget(options: TargetOptions): TargetPlan {
  const { servers, config } = options;
  const count = asUsage(() => (servers === undefined ? SERVERS_DEFAULT : serverCountIn(servers)));
  const isList = count === null;
  if (isList && options.name !== undefined) {
    throw new UsageError(
      `--target ${options.name} --servers ${servers}: the list names the kinds already; leave --target out, ` +
        'or give --servers a number',
    );
  }
  const name = options.name ?? (isList ? 'servers' : 'embedded');
  switch (name) {
    case 'servers':
    case 'embedded':
    case 'apache': {
      return planServers(
        name,
        asUsage(() => realServers(options)).map((server) => ({
          ...server,
          program: options.controls?.of(server.program) ?? server.program,
        })),
        config,
        options.through,
      );
    }
    case 'null':
    case 'null-flush': {
      refuseConfig(options);
      const flushes = name === 'null-flush';
      const program = nullProgram({ flushes });
      const facts = { canCrash: false, isReal: false, flushesBeforeAck: flushes };
      const plans = Array.from({ length: count ?? 1 }, () => ({ program }));
      return ofServers(name, plans, { ...facts, config: {} });
    }
    default: {
      const containers = COMPOSE_KINDS.get(name);
      if (containers !== undefined) return planCompose(containers, options);
      refuseConfig(options);
      if (servers !== undefined) {
        throw new UsageError(
          `--servers ${servers}: the servers of --target ${name} are those that it names; leave it out`,
        );
      }
      const ensemble = existing(name);
      const facts = { canCrash: false, isReal: true, flushesBeforeAck: null };
      return {
        ...facts,
        name,
        serverCount: ensemble.servers.length,
        field: { servers: [], config: {} },
        reach: () => ensemble.start(),
        create: () => Promise.resolve({ ...facts, ensemble }),
      };
    }
  }
}

/** What is under test, alike however it was asked for: its servers' kinds, or what it is called where it is not ours. */
export function describeSystem({ name, field }: TargetPlan): string {
  const kinds = field.servers.map(({ program, isObserver }) =>
    isObserver ? `${program}:observer` : program,
  );
  return kinds.length === 0 ? name : kinds.join(',');
}

/** Servers of ours to start, with what is to stand in their zoo.cfg. */
export function planServers(
  name: string,
  servers: readonly ServerPlan[],
  config: TargetOptions['config'],
  through?: Router,
): TargetPlan {
  const flushesBeforeAck = config['forceSync'] !== 'no';
  return ofServers(name, servers, { canCrash: true, isReal: true, flushesBeforeAck, config, through });
}

function ofServers(
  name: string,
  servers: readonly ServerPlan[],
  { config, through, ...facts }: Omit<Target, 'ensemble'> & Pick<TargetOptions, 'config' | 'through'>,
): TargetPlan {
  return {
    ...facts,
    name,
    serverCount: servers.length,
    field: {
      config,
      servers: servers.map(({ program, isObserver = false }, index) => ({
        id: index + 1,
        program: program.name,
        isObserver,
        takesPreload: program.takesPreload === true,
      })),
    },
    reach: () => Promise.resolve(),
    create: async (directory) => ({
      ...facts,
      ensemble: await createEnsemble({ directory, servers, config, through }),
    }),
  };
}

/** The servers of the project's docker-compose.yml. @throws UsageError for what that file has no way to say. */
function planCompose(kind: ComposeKind, { name = '', servers, config }: TargetOptions): TargetPlan {
  const serverCount = kind.services.length;
  if (servers !== undefined && asUsage(() => serverCountIn(servers)) !== serverCount) {
    throw new UsageError(
      `--servers ${servers}: docker-compose.yml has ${serverCount} servers for --target ${name}; leave it out`,
    );
  }
  asUsage(() => composeVariables(config));
  const facts = { canCrash: true, isReal: true, flushesBeforeAck: config['forceSync'] !== 'no' };
  return {
    ...facts,
    name,
    serverCount,
    field: {
      config,
      areContainers: true,
      servers: kind.services.map((_, index) => ({
        id: index + 1,
        program: kind.program,
        isObserver: false,
        takesPreload: false,
      })),
    },
    reach: requireCompose,
    create: async (directory) => ({
      ...facts,
      ensemble: await ComposeEnsemble.create({ directory, kind, config }),
    }),
  };
}

function realServers({ name, servers, apacheClasspath }: TargetOptions): ServerPlan[] {
  const countedKind = name === 'apache' ? 'apache' : 'ours';
  return parseServers(servers ?? String(SERVERS_DEFAULT), { countedKind, apacheClasspath });
}

/** @throws UsageError where `work` throws a ServersError. */
export function asUsage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ServersError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

function existing(connectString: string): Ensemble {
  if (!/[:,]/.test(connectString)) {
    throw new UsageError(
      `--target ${connectString}: give embedded, apache, compose, compose-apache, null, null-flush or a connect string such as 127.0.0.1:2181`,
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
    `--set ${key}=…: the configuration of --target ${name ?? ''} is not this run's to set; leave it out`,
  );
}
