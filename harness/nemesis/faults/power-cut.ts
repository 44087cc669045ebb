import { dirname, join } from 'node:path';
import { rmSync } from 'node:fs';
import { Prng } from '../../../server/base/prng.ts';
import { type SectorChoice, type Undone, undoUnflushed } from '../control/account.ts';
import type { Fault } from '../fault.ts';
import { type ProcessField, processServerOf } from '../field.ts';
import { controlOf } from '../imposing.ts';
import { NoEffectError } from '../no-effect.ts';
import { proveEnded, proveServing } from '../proofs.ts';
import { victimsFault } from '../victims-fault.ts';

/** Each flush takes so much longer once the power is to be cut, so that the cut falls into one. */
const FLUSH_DELAY_MS = 100;
/** How long a load may take to write something. */
const WRITE_TIMEOUT_MS = 10_000;

let accountsKept = 0;

/**
 * What all faults have in common that kill servers and take away what was not flushed. `tears`: some sectors of it are
 * on the disk all the same, by chance.
 */
export function powerCutFault({
  name,
  doc,
  tears,
}: {
  readonly name: string;
  readonly doc: string;
  readonly tears: boolean;
}): Fault {
  return victimsFault({
    name,
    doc,
    needs: { serversMin: 1, preload: true, files: true },
    effect: 'killed',
    toll: 'servers',
    lasts: { minMs: 100, maxMs: 4_000 },
    target: 'leader',
    targets: ['leader', 'follower', 'majority', 'all'],
    done: () => (tears ? 'cut off in a write' : 'cut off before a flush'),
    strike({ field, ids, owner, pick }) {
      const { holds } = field;
      const prng = new Prng(pick);
      let asked = 0;
      // The first sector of the last write is lost in any case: else one of a single sector might be there as a whole.
      const isKept = (): boolean => tears && asked++ > 0 && prng.next() < 0.5;
      const undone: Undone[] = [];
      return {
        async inject() {
          for (const id of ids) holds.holdDown(id, owner);
          undone.push(...(await cutOff(field, ids, { owner, isKept })));
        },
        async proveActive() {
          const ended = await proveEnded(field, ids);
          if (undone.every(({ sectorsLost }) => sectorsLost === 0))
            throw new NoEffectError(`servers ${ids.join(', ')} had nothing unflushed that was lost`);
          return [ended, ...ids.map((id, index) => describe(id, undone[index]))].join('; ');
        },
        async heal(signal) {
          await Promise.all(ids.map((id) => holds.bringUp(id, owner, signal)));
        },
        proveHealed: () => proveServing(field, ids),
      };
    },
  });
}

/** Waits until there is something to lose, on all of them. @throws NoEffectError */
async function cutOff(
  field: ProcessField,
  ids: readonly number[],
  { owner, isKept }: { readonly owner: object; readonly isKept: SectorChoice },
): Promise<Undone[]> {
  const { signal, holds, effectTimeoutMs: timeoutMs = WRITE_TIMEOUT_MS } = field;
  const accounts = await Promise.all(
    ids.map(async (id) => {
      const file = join(dirname(processServerOf(field, id).logFile), `unflushed-${++accountsKept}`);
      const imposed = await controlOf(field, id).impose({ type: 'account', file, delayMs: FLUSH_DELAY_MS });
      return { file, imposed };
    }),
  );
  try {
    await Promise.all(
      accounts.map(({ imposed }) => imposed.until(({ amount }) => amount > 0, { timeoutMs, signal })),
    );
    await Promise.all(ids.map((id) => holds.takeDown(id, owner)));
    return accounts.map(({ file }) => undoUnflushed(file, isKept));
  } finally {
    for (const { file, imposed } of accounts) {
      await imposed.lift();
      rmSync(file, { force: true });
    }
  }
}

function describe(id: number, undone: Undone | undefined): string {
  const { writes = 0, bytesLost = 0, sectorsKept = 0, sectorsLost = 0 } = undone ?? {};
  const kept = sectorsKept === 0 ? '' : `, and kept ${sectorsKept} others`;
  return `server ${id} lost ${bytesLost} bytes in ${sectorsLost} sectors of ${writes} unflushed writes${kept}`;
}
