import type { Fault } from '../fault.ts';
import { proveRunning, proveStopped } from '../proofs.ts';
import { victimsFault } from '../victims-fault.ts';
import type { VictimTarget } from '../victims.ts';

/**
 * What all faults have in common that stop servers with SIGSTOP and let them go on. A stopped server keeps its
 * connections, says nothing, and when it goes on does not know yet what has become of the others.
 */
export function pauseFault(of: {
  readonly name: string;
  readonly doc: string;
  readonly serversMin: number;
  readonly target: VictimTarget;
}): Fault {
  const { name, doc, serversMin, target } = of;
  return victimsFault({
    name,
    doc,
    needs: { serversMin },
    effect: 'paused',
    toll: 'servers',
    lasts: { minMs: 200, maxMs: 12_000 },
    target,
    targets: [],
    done: () => 'paused',
    strike: ({ field, ids, owner }) => ({
      async inject() {
        await Promise.all(ids.map((id) => field.holds.holdStill(id, owner)));
      },
      proveActive: () => proveStopped(field, ids),
      async heal() {
        await Promise.all(ids.map((id) => field.holds.letGo(id, owner)));
      },
      proveHealed: () => proveRunning(field, ids),
    }),
  });
}
