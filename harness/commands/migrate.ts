import { assert } from '../../server/base/assert.ts';
import { Prng } from '../../server/base/prng.ts';
import { programOf } from '../ensemble/parse-servers.ts';
import { ProcessEnsemble } from '../ensemble/process-ensemble.ts';
import { silenceLimitMsOf } from '../ensemble/zoo-config.ts';
import { runRollingMigration } from '../nemesis/rolling-migration.ts';
import { UsageError } from './exit-code.ts';
import type { LoadChoice } from './flags.ts';
import { loadExercise } from './load-exercise.ts';
import { runUnderLoad } from './load-run.ts';
import { asUsage, planServers } from './target.ts';

export interface MigrateOptions extends LoadChoice {
  /** Kinds of server, see `programOf`. */
  readonly from: string;
  readonly to: string;
  /** Not back again. */
  readonly isOneWay: boolean;
  readonly servers: number;
  /** As typed, for the report. */
  readonly command: readonly string[];
}

/** With fewer there is no majority left while one is replaced, and so nothing to keep going. */
const SERVERS_MIN = 3;

/**
 * A rolling migration under load: servers of one kind are replaced one by one by another on the same data, and back;
 * the history across it is judged, as that of a bench. Returns the exit code.
 *
 * @throws UsageError before anything is made or started.
 */
export function runMigrate(options: MigrateOptions): Promise<number> {
  const { workload, config, seed, generators, lagBudgetMs, probes, mustHold, runsDirectory, command } =
    options;
  const [from, to] = asUsage(() => [
    programOf(options.from, options.apacheClasspath),
    programOf(options.to, options.apacheClasspath),
  ]);
  if (options.servers < SERVERS_MIN) {
    throw new UsageError(
      `--servers ${options.servers}: a rolling migration needs at least ${SERVERS_MIN} servers, or none can be missed`,
    );
  }
  const plans = Array.from({ length: options.servers }, () => ({ program: from }));
  return runUnderLoad(planServers(from.name, plans, config), {
    exercise: loadExercise({ workload, seed, generators, lagBudgetMs, clients: { type: 'spread' } }),
    probes,
    mustHold,
    runsDirectory,
    command,
    config: { from: from.name, to: to.name, servers: options.servers, config },
    async disturb(load, { ensemble, note, onRound }) {
      assert(ensemble instanceof ProcessEnsemble, 'the servers are ours to replace');
      await runRollingMigration(load, {
        ensemble,
        programs: options.isOneWay ? [to] : [to, from],
        silenceLimitMs: silenceLimitMsOf(config),
        prng: new Prng(seed).fork('migration'),
        note,
        onRound,
      });
    },
  });
}
