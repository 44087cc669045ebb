import { z } from 'zod';
import type { Prng } from '../../server/base/prng.ts';
import type { Aim, Fault, FaultParams, FaultShape, InsideFault, OutsideFault } from './fault.ts';
import { type Field, labelOf, type ProcessField } from './field.ts';
import {
  chooseVictims,
  PICK_BOUND,
  pickSchema,
  targetSchema,
  type VictimTarget,
  victimsOfTarget,
} from './victims.ts';

/** Servers that were chosen to be hit. */
export interface Hit<F extends Field = Field> {
  readonly field: F;
  /** At least one. */
  readonly ids: readonly number[];
  /** In whose name they are held. */
  readonly owner: object;
  /** Also a seed, where a fault needs chance of its own. */
  readonly pick: number;
}

/** What is special about one fault that hits servers by what they are. `S`: its parameters, besides whom it hits. */
export interface VictimsFault<S extends z.ZodRawShape, K extends Fault> extends Pick<
  K,
  'name' | 'doc' | 'needs' | 'effect' | 'toll' | 'exclusive' | 'lasts'
> {
  /** Whom it hits where nobody says. */
  readonly target: VictimTarget;
  /** Whom else it may hit: of these one is drawn. None: it hits `target`, and nobody can say otherwise. */
  readonly targets: readonly VictimTarget[];
  readonly params?: S;
  readonly draw?: (prng: Prng, shape: FaultShape) => FaultParams;
  /** For a label: `killed`. */
  readonly done: (params: z.output<z.ZodObject<S>>) => string;
  /** Null: it cannot be done to these. */
  readonly strike: (
    hit: Hit<Parameters<K['aim']>[0]>,
    params: z.output<z.ZodObject<S>>,
  ) => Omit<Aim, 'serverIds' | 'label'> | null;
}

/** What all faults have in common that hit servers by what they are: who that is, is known when it comes to that. */
export function victimsFault<S extends z.ZodRawShape>(of: VictimsFault<S, OutsideFault>): OutsideFault;
export function victimsFault<S extends z.ZodRawShape>(of: VictimsFault<S, InsideFault>): InsideFault;
export function victimsFault<S extends z.ZodRawShape>(
  of: VictimsFault<S, OutsideFault> | VictimsFault<S, InsideFault>,
): Fault {
  const { target: usual, targets, params: ownParams, draw, done, strike, ...common } = of;
  const target = targetSchema.default(usual);
  const pick = pickSchema.default(0);
  const whom = z.object({ target, pick });
  const own = z.object(ownParams ?? ({} as S));
  const isFixed = targets.length === 0;
  const fault = {
    ...common,
    victimsMax: (voters: number, given: FaultParams) =>
      common.toll === 'nothing' ? 0 : victimsOfTarget(whom.parse(given).target, voters),
    params: z.strictObject({ ...(!isFixed && { target }), pick, ...ownParams }) as Fault['params'],
    draw: (prng: Prng, shape: FaultShape) => ({
      ...(!isFixed && { target: targets[prng.below(targets.length)] as VictimTarget }),
      pick: prng.below(PICK_BOUND),
      ...draw?.(prng, shape),
    }),
    async aim(field: ProcessField, given: FaultParams): Promise<Aim | null> {
      const { target, pick } = whom.parse(given);
      const params = own.parse(given);
      const { ids, roles } = await chooseVictims(field, target, pick);
      if (ids.length === 0) return null;
      const struck = strike({ field, ids, owner: {}, pick }, params);
      if (struck === null) return null;
      const label = labelOf(done(params), { ids, roles, serverCount: field.ensemble.servers.length });
      return { serverIds: ids, label, ...struck };
    },
  };
  // The overloads say what the two kinds have to agree in: what it needs, and what its strike is given.
  return fault as Fault;
}
