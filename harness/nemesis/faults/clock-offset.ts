import { z } from 'zod';
import type { Aim, Fault, InsideFault } from '../fault.ts';
import type { Field } from '../field.ts';
import { controlOf, imposeOn, type Imposition, liftAll } from '../imposing.ts';
import { NoEffectError } from '../no-effect.ts';
import { heldByAnother } from '../proofs.ts';
import { victimsFault } from '../victims-fault.ts';
import { chooseVictims, PICK_BOUND, pickSchema } from '../victims.ts';

const YEAR_MS = 365 * 86_400_000;
/** Two readings of one clock right after each other are no further apart. */
const READING_SLACK_MS = 1_000;
const JUMPS_MS = [1_000, 60_000, 3_600_000, 86_400_000, YEAR_MS] as const;

const byMs = z
  .int()
  .min(-10 * YEAR_MS)
  .max(10 * YEAR_MS);
const skewParams = z.strictObject({ pick: pickSchema.default(0), spreadMs: byMs.default(60_000) });

/** How far whose wall clock is off. */
interface Offset {
  readonly id: number;
  readonly byMs: number;
}

const COMMON = {
  effect: 'disturbed',
  toll: 'nothing',
  exclusive: 'clock',
  lasts: { minMs: 500, maxMs: 6_000 },
} as const satisfies Partial<Fault>;

export const clockJump: Fault = victimsFault({
  ...COMMON,
  name: 'clock-jump',
  doc: 'the wall clock of a server jumps (byMs, also back), and back again at the end',
  needs: { serversMin: 1, preload: true },
  target: 'leader',
  targets: ['leader', 'follower', 'any'],
  params: { byMs: byMs.default(3_600_000) },
  draw: (prng) => ({
    byMs: (JUMPS_MS[prng.below(JUMPS_MS.length)] as number) * (prng.next() < 0.5 ? -1 : 1),
  }),
  done: ({ byMs }) => `with its clock off by ${byMs} ms`,
  strike: ({ field, ids }, { byMs }) =>
    turnClocks(field, { offsets: ids.map((id) => ({ id, byMs })), flipEveryMs: null }),
});

export const clockStrobe: Fault = victimsFault({
  ...COMMON,
  name: 'clock-strobe',
  doc: 'the wall clock of a server jumps (byMs) and back, again and again (flipEveryMs)',
  needs: { serversMin: 1, preload: true },
  target: 'leader',
  targets: ['leader', 'follower', 'any'],
  params: { byMs: byMs.default(60_000), flipEveryMs: z.int().min(1).max(60_000).default(20) },
  draw: (prng) => ({
    byMs: (JUMPS_MS[prng.below(3)] as number) * (prng.next() < 0.5 ? -1 : 1),
    flipEveryMs: 5 + prng.below(200),
  }),
  done: ({ byMs, flipEveryMs }) => `with its clock off by ${byMs} ms every other ${flipEveryMs} ms`,
  strike: ({ field, ids }, { byMs, flipEveryMs }) =>
    turnClocks(field, { offsets: ids.map((id) => ({ id, byMs })), flipEveryMs }),
});

export const clockSkew: InsideFault = {
  ...COMMON,
  name: 'clock-skew',
  doc: 'the wall clocks of the servers are all different, evenly from spreadMs behind to spreadMs ahead',
  needs: { serversMin: 2, preload: true },
  victimsMax: () => 0,
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
    // One of an odd number is right, and nothing is to be imposed on it.
    const wrong = offsets.filter(({ byMs }) => byMs !== 0);
    if (wrong.length === 0) return null;
    return {
      serverIds: wrong.map(({ id }) => id),
      label: `clocks of ${ids.length} servers apart by up to ${2 * spreadMs} ms`,
      ...turnClocks(field, { offsets: wrong, flipEveryMs: null }),
    };
  },
};

function turnClocks(
  field: Field,
  of: { readonly offsets: readonly Offset[]; readonly flipEveryMs: number | null },
): Omit<Aim, 'serverIds' | 'label'> {
  const { offsets, flipEveryMs } = of;
  const impositions: Imposition[] = [];
  return {
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
