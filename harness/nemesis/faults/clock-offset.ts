import { z } from 'zod';
import type { Fault } from '../fault.ts';
import { type Field, labelOf } from '../field.ts';
import { controlOf, imposeOn, type Imposition, liftAll } from '../imposing.ts';
import { NoEffectError } from '../no-effect.ts';
import { heldByAnother } from '../proofs.ts';
import { chooseVictims, PICK_BOUND, pickSchema, targetSchema } from '../victims.ts';

const YEAR_MS = 365 * 86_400_000;
/** Two readings of one clock right after each other are no further apart. */
const READING_SLACK_MS = 1_000;
const JUMPS_MS = [1_000, 60_000, 3_600_000, 86_400_000, YEAR_MS] as const;

const byMs = z
  .int()
  .min(-10 * YEAR_MS)
  .max(10 * YEAR_MS);
const jumpParams = z.strictObject({
  target: targetSchema.default('leader'),
  pick: pickSchema.default(0),
  byMs: byMs.default(3_600_000),
});
const strobeParams = z.strictObject({
  target: targetSchema.default('leader'),
  pick: pickSchema.default(0),
  byMs: byMs.default(60_000),
  flipEveryMs: z.int().min(1).max(60_000).default(20),
});
const skewParams = z.strictObject({ pick: pickSchema.default(0), spreadMs: byMs.default(60_000) });

/** How far whose wall clock is off. */
interface Offset {
  readonly id: number;
  readonly byMs: number;
}

const COMMON = {
  needs: { serversMin: 1, preload: true },
  effect: 'disturbed',
  toll: 'nothing',
  exclusive: 'clock',
  victimsMax: () => 0,
  lasts: { minMs: 500, maxMs: 6_000 },
} as const satisfies Partial<Fault>;

export const clockJump: Fault = {
  ...COMMON,
  name: 'clock-jump',
  doc: 'the wall clock of a server jumps (byMs, also back), and back again at the end',
  params: jumpParams,
  draw: (prng) => ({
    target: (['leader', 'follower', 'any'] as const)[prng.below(3)] as string,
    pick: prng.below(PICK_BOUND),
    byMs: (JUMPS_MS[prng.below(JUMPS_MS.length)] as number) * (prng.next() < 0.5 ? -1 : 1),
  }),
  async aim(field, given) {
    const params = jumpParams.parse(given);
    const { ids, roles } = await chooseVictims(field, params.target, params.pick);
    const label = labelOf(`with its clock off by ${params.byMs} ms`, {
      ids,
      roles,
      serverCount: field.ensemble.servers.length,
    });
    return aimAt(field, { label, offsets: ids.map((id) => ({ id, byMs: params.byMs })), flipEveryMs: null });
  },
};

export const clockStrobe: Fault = {
  ...COMMON,
  name: 'clock-strobe',
  doc: 'the wall clock of a server jumps (byMs) and back, again and again (flipEveryMs)',
  params: strobeParams,
  draw: (prng) => ({
    target: (['leader', 'follower', 'any'] as const)[prng.below(3)] as string,
    pick: prng.below(PICK_BOUND),
    byMs: (JUMPS_MS[prng.below(3)] as number) * (prng.next() < 0.5 ? -1 : 1),
    flipEveryMs: 5 + prng.below(200),
  }),
  async aim(field, given) {
    const params = strobeParams.parse(given);
    const { ids, roles } = await chooseVictims(field, params.target, params.pick);
    const label = labelOf(`with its clock off by ${params.byMs} ms every other ${params.flipEveryMs} ms`, {
      ids,
      roles,
      serverCount: field.ensemble.servers.length,
    });
    const offsets = ids.map((id) => ({ id, byMs: params.byMs }));
    return aimAt(field, { label, offsets, flipEveryMs: params.flipEveryMs });
  },
};

export const clockSkew: Fault = {
  ...COMMON,
  name: 'clock-skew',
  doc: 'the wall clocks of the servers are all different, evenly from spreadMs behind to spreadMs ahead',
  needs: { serversMin: 2, preload: true },
  params: skewParams,
  draw: (prng) => ({ pick: prng.below(PICK_BOUND), spreadMs: JUMPS_MS[prng.below(4)] as number }),
  async aim(field, given) {
    const { pick, spreadMs } = skewParams.parse(given);
    const { ids } = await chooseVictims(field, 'all', 0);
    const offsets = ids.map((id, index): Offset => {
      const place = (index + pick) % ids.length;
      const share = ids.length === 1 ? 1 : (2 * place) / (ids.length - 1) - 1;
      return { id, byMs: Math.round(spreadMs * share) };
    });
    const label = `clocks of ${ids.length} servers apart by up to ${2 * spreadMs} ms`;
    // One of an odd number is right, and nothing is to be imposed on it.
    return aimAt(field, { label, offsets: offsets.filter(({ byMs }) => byMs !== 0), flipEveryMs: null });
  },
};

function aimAt(
  field: Field,
  of: { readonly label: string; readonly offsets: readonly Offset[]; readonly flipEveryMs: number | null },
): Awaited<ReturnType<Fault['aim']>> {
  const { label, offsets, flipEveryMs } = of;
  if (offsets.length === 0) return null;
  const impositions: Imposition[] = [];
  return {
    serverIds: offsets.map(({ id }) => id),
    label,
    async inject() {
      for (const { id, byMs } of offsets) {
        impositions.push(...(await imposeOn(field, [id], { type: 'clock-offset', byMs, flipEveryMs })));
      }
    },
    async proveActive() {
      const evidence = offsets.map(async ({ id, byMs }) => {
        const { isSo, words } = await readUntil(field, id, (ms) => isAbout(ms, byMs), flipEveryMs ?? 0);
        if (!isSo) throw new NoEffectError(`${words}, and not ${byMs} ms`);
        return words;
      });
      return (await Promise.all(evidence)).join('; ');
    },
    heal: () => liftAll(impositions),
    async proveHealed() {
      const evidence = offsets.map(async ({ id, byMs }) => {
        if (field.holds.isHeld(id)) return heldByAnother(field, id);
        const isOver = (ms: number): boolean => !isAbout(ms, byMs);
        const { isSo, words } = await readUntil(field, id, isOver, 0);
        if (!isSo) throw new NoEffectError(`${words} still`);
        return words;
      });
      return (await Promise.all(evidence)).join('; ');
    },
  };
}

function isAbout(ms: number, expectedMs: number): boolean {
  return Math.abs(ms - expectedMs) <= Math.min(READING_SLACK_MS, Math.abs(expectedMs) / 2);
}

/** Of a clock that flips more than one reading is needed. */
async function readUntil(
  field: Field,
  id: number,
  isWanted: (offByMs: number) => boolean,
  flipEveryMs: number,
): Promise<{ readonly isSo: boolean; readonly words: string }> {
  const control = controlOf(field, id);
  const untilMs = performance.now() + 4 * flipEveryMs;
  for (;;) {
    const { wallMs, trueWallMs, reads } = await control.readClock();
    const offByMs = Math.round(wallMs - trueWallMs);
    const isSo = isWanted(offByMs);
    const words = `the clock of server ${id}, which has read it ${reads} times, is off by ${offByMs} ms`;
    if (isSo || performance.now() >= untilMs) return { isSo, words };
  }
}
