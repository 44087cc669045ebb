import { z } from 'zod';
import { leaderOf, serverById } from '../ensemble/ensemble.ts';
import type { ProcessEnsemble } from '../ensemble/process-ensemble.ts';
import type { ServerProgram } from '../ensemble/server-program.ts';
import { pause } from '../ensemble/wait-until.ts';
import type { LoadControl } from '../load/run-load.ts';
import { describeRound, type RoundPlan, runRound } from './fault-rounds.ts';
import type { OutsideFault } from './fault.ts';
import { proveEnded, proveServing } from './proofs.ts';

export interface MigrationPlan extends Omit<RoundPlan, 'ensemble'> {
  readonly ensemble: ProcessEnsemble;
  /** To each of these in turn: there, and perhaps back again. */
  readonly programs: readonly ServerProgram[];
  /** How long the load goes on between two replacements, and at the end; 1000 unless told. */
  readonly settleMs?: number;
}

const SETTLE_MS = 1000;

/**
 * Replaces the servers one by one by another program on the same data, as an operator does it: when all serve, first
 * the followers, last the leader.
 *
 * @throws EnsembleError when a server does not come up, or the ensemble does not come to serve again.
 */
export async function runRollingMigration(load: LoadControl, plan: MigrationPlan): Promise<void> {
  const { ensemble, programs, note, settleMs = SETTLE_MS } = plan;
  for (const program of programs) {
    const leader = leaderOf(await ensemble.roles());
    const order = ensemble.servers.toSorted((a, b) => Number(a.id === leader) - Number(b.id === leader));
    for (const { id } of order) {
      await pause(settleMs, load.signal);
      if (load.signal.aborted) return;
      const fault = replacement(ensemble, id, program);
      const round = await runRound(load, plan, { fault, mayHitAgain: false });
      if (round === null) return;
      note(describeRound(round));
    }
    note(`every server is ${program.name}`);
  }
  await pause(settleMs, load.signal);
}

/** Stops one server in order, and starts another program in its place. */
function replacement(ensemble: ProcessEnsemble, id: number, program: ServerProgram): OutsideFault {
  const before = serverById(ensemble.servers, id).program;
  const params = z.strictObject({});
  return {
    name: `${before} → ${program.name}`,
    doc: 'another program in the place of a server',
    needs: { serversMin: 2 },
    effect: 'replaced',
    toll: 'servers',
    victimsMax: () => 1,
    lasts: { minMs: 0, maxMs: 0 },
    params,
    draw: () => ({}),
    async aim(field) {
      const owner = {};
      return {
        serverIds: [id],
        label: `server ${id}: ${before} → ${program.name}`,
        inject: () => field.holds.takeDown(id, owner, 'stop'),
        proveActive: () => proveEnded(field, [id]),
        async heal(signal) {
          if (!signal.aborted) serverById(ensemble.servers, id).become(program);
          await field.holds.bringUp(id, owner, signal);
        },
        proveHealed: () => proveServing(field, [id]),
      };
    },
  };
}
