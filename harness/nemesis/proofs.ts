import type { ProcessState } from '../ensemble/ensemble.ts';
import { roleOf } from '../ensemble/server-role.ts';
import { waitUntil } from '../ensemble/wait-until.ts';
import type { Field } from './field.ts';
import { NoEffectError } from './no-effect.ts';

/** A signal that was sent is delivered within this, or not at all. */
const SIGNAL_TIMEOUT_MS = 2_000;
const SIGNAL_POLL_MS = 5;
/** How long a server that runs again may take to say what it is: others may have to be elected first. */
const SERVES_TIMEOUT_MS = 60_000;

/** That the operating system has nothing left of them. @throws NoEffectError */
export function proveEnded(field: Field, ids: readonly number[]): Promise<string> {
  return proveState(field, ids, { state: 'ended', otherwise: 'goes on' });
}

/** That they hold still. @throws NoEffectError */
export function proveStopped(field: Field, ids: readonly number[]): Promise<string> {
  return proveState(field, ids, { state: 'stopped', otherwise: 'does not hold still' });
}

/** That they run, unless another fault holds them by now. @throws NoEffectError */
export function proveRunning(field: Field, ids: readonly number[]): Promise<string> {
  return proveState(field, ids, { state: 'running', otherwise: 'does not go on' });
}

async function proveState(
  field: Field,
  ids: readonly number[],
  { state, otherwise }: Pick<ProcessState, 'state'> & { readonly otherwise: string },
): Promise<string> {
  const evidence = ids.map(async (id) => {
    const isSo = async (): Promise<boolean> => field.ensemble.processState(id).state === state;
    await waitUntil(isSo, { timeoutMs: SIGNAL_TIMEOUT_MS, everyMs: SIGNAL_POLL_MS });
    const now = field.ensemble.processState(id);
    if (now.state === state) return `server ${id}: ${now.words}`;
    if (state === 'running' && field.holds.isHeld(id)) return heldByAnother(field, id);
    throw new NoEffectError(`server ${id} ${otherwise}, ${now.words}`);
  });
  return (await Promise.all(evidence)).join('; ');
}

/** That they run and say that they serve, unless another fault holds them by now. @throws NoEffectError */
export async function proveServing(field: Field, ids: readonly number[]): Promise<string> {
  return (await Promise.all(ids.map((id) => proveOneServes(field, id)))).join('; ');
}

async function proveOneServes(field: Field, id: number): Promise<string> {
  const { ensemble, silenceLimitMs, signal } = field;
  const address = ensemble.servers.find((server) => server.id === id)?.clientAddress ?? '';
  const isAnswered = async (): Promise<boolean> => field.holds.isHeld(id) || (await roleOf(address)) !== null;
  const end = await waitUntil(isAnswered, { timeoutMs: SERVES_TIMEOUT_MS + 2 * silenceLimitMs, signal });
  if (field.holds.isHeld(id)) return heldByAnother(field, id);
  const { words } = ensemble.processState(id);
  if (end !== 'met') throw new NoEffectError(`server ${id} does not serve again, ${words}`);
  return `server ${id} serves, ${words}`;
}

/** What there is to say of a server that another fault keeps from showing anything. */
export function heldByAnother({ ensemble }: Field, id: number): string {
  return `server ${id} is held by another fault, ${ensemble.processState(id).words}`;
}
