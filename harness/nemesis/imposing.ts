import { pause } from '../ensemble/wait-until.ts';
import type { Imposed, ServerControl } from './control/server-control.ts';
import type { EffectCount, Setting } from './control/settings.ts';
import { type Field, type ProcessField, processServerOf } from './field.ts';
import { NoEffectError } from './no-effect.ts';
import { heldByAnother } from './proofs.ts';

/** How long a load may take to do what a setting is about. Nothing flushes where nothing is written. */
const EFFECT_TIMEOUT_MS = 10_000;
/** How long a server that has met an error of its disk may take to end. */
const END_TIMEOUT_MS = 5_000;

/** A setting on one server, and what there is to say of it. */
export interface Imposition {
  readonly serverId: number;
  readonly imposed: Imposed;
}

/** @throws NoEffectError when there is no way into the server's process. */
export function controlOf({ controls, ensemble }: Field, id: number): ServerControl {
  const control = controls?.server(id);
  const { state, words } = ensemble.processState(id);
  if (control === undefined || (state === 'running' && control.pid === null))
    throw new NoEffectError(`server ${id} was not started with the preload, ${words}`);
  return control;
}

/** On all of them at the same time. @throws NoEffectError */
export function imposeOn(field: Field, ids: readonly number[], setting: Setting): Promise<Imposition[]> {
  return Promise.all(
    ids.map(async (serverId) => ({ serverId, imposed: await controlOf(field, serverId).impose(setting) })),
  );
}

/** That each has had its effect, as often and as much as is enough. @throws NoEffectError */
export async function proveEffect(
  field: Field,
  impositions: readonly Imposition[],
  of: {
    readonly isEnough: (count: EffectCount) => boolean;
    /** `its disk had no room 3 times`. */
    readonly words: (count: EffectCount) => string;
  },
): Promise<string> {
  if (impositions.length === 0) throw new NoEffectError('it was imposed on no server');
  const { signal, effectTimeoutMs: timeoutMs = EFFECT_TIMEOUT_MS } = field;
  const evidence = impositions.map(async ({ serverId, imposed }) => {
    const count = await imposed.until(of.isEnough, { timeoutMs, signal });
    const words = `server ${serverId}: ${of.words(count)}`;
    if (!of.isEnough(count)) throw new NoEffectError(words);
    return words;
  });
  return (await Promise.all(evidence)).join('; ');
}

/** Also where a server does not answer: it is told when it is there again. */
export async function liftAll(impositions: readonly Imposition[]): Promise<void> {
  await Promise.all(
    impositions.map(({ imposed }) =>
      imposed.lift().catch((error: unknown) => {
        if (!(error instanceof NoEffectError)) throw error;
      }),
    ),
  );
}

/** That the servers themselves say that it is over. @throws NoEffectError */
export async function proveLifted(field: Field, impositions: readonly Imposition[]): Promise<string> {
  const evidence = impositions.map(async ({ serverId, imposed }) => {
    if (field.holds.isHeld(serverId)) return heldByAnother(field, serverId);
    if (await imposed.isInForce()) throw new NoEffectError(`server ${serverId} still has it in force`);
    return `server ${serverId} says that it is over, after ${imposed.count.times} times`;
  });
  return (await Promise.all(evidence)).join('; ');
}

/** Waits for a server to end that has met an error of its disk: nobody else will end it. */
export async function untilEnded(field: ProcessField, id: number): Promise<void> {
  const end = new AbortController();
  await Promise.race([processServerOf(field, id).ended, pause(END_TIMEOUT_MS, end.signal)]);
  end.abort();
}
