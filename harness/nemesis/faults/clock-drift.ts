import { z } from 'zod';
import { pause } from '../../ensemble/wait-until.ts';
import type { Fault } from '../fault.ts';
import type { Field } from '../field.ts';
import { controlOf, imposeOn, type Imposition, liftAll } from '../imposing.ts';
import { NoEffectError } from '../no-effect.ts';
import { heldByAnother } from '../proofs.ts';
import { victimsFault } from '../victims-fault.ts';

/** Between two readings from which a rate is taken. */
const MEASURE_MS = 200;
/** A rate is known to that. */
const RATE_SLACK = 0.02;

/** A server that takes all its times, those without an answer as well, for longer or shorter than they are. */
export const clockDrift: Fault = victimsFault({
  name: 'clock-drift',
  doc: 'all clocks and timers of a server go faster or slower (rate)',
  needs: { serversMin: 1, preload: true },
  effect: 'disturbed',
  toll: 'nothing',
  exclusive: 'clock',
  lasts: { minMs: 1_000, maxMs: 8_000 },
  target: 'leader',
  targets: ['leader', 'follower', 'any'],
  params: {
    /** How many times as fast. */
    rate: z.number().min(0.1).max(10).default(1.25),
  },
  draw: (prng) => ({
    rate: prng.next() < 0.5 ? 1.25 : 0.8,
  }),
  done: ({ rate }) => `with clocks ${rate} times as fast`,
  strike({ field, ids }, { rate }) {
    let impositions: readonly Imposition[] = [];
    const prove = async (expected: number): Promise<string> => {
      const evidence = ids.map(async (id) => {
        if (expected === 1 && field.holds.isHeld(id)) return heldByAnother(field, id);
        const { rate, words } = await measure(field, id);
        if (Math.abs(rate - expected) > RATE_SLACK)
          throw new NoEffectError(`${words}, and not ${expected} times`);
        return words;
      });
      return (await Promise.all(evidence)).join('; ');
    };
    return {
      async inject() {
        impositions = await imposeOn(field, ids, { type: 'clock-rate', rate });
      },
      proveActive: () => prove(rate),
      heal: () => liftAll(impositions),
      proveHealed: () => prove(1),
    };
  },
});

async function measure(field: Field, id: number): Promise<{ readonly rate: number; readonly words: string }> {
  const control = controlOf(field, id);
  const from = await control.readClock();
  await pause(MEASURE_MS, field.signal);
  const to = await control.readClock();
  const trueMs = to.trueMonotonicMs - from.trueMonotonicMs;
  const ms = to.monotonicMs - from.monotonicMs;
  const wallMs = to.wallMs - from.wallMs;
  const words =
    `in ${Math.round(trueMs)} ms the clock of server ${id} went ${Math.round(ms)} ms and its wall clock ` +
    `${Math.round(wallMs)} ms, ${(ms / trueMs).toFixed(3)} times as fast`;
  return { rate: ms / trueMs, words };
}
