import { type Ensemble, serverById } from '../ensemble/ensemble.ts';
import { ProcessServer } from '../ensemble/process-server.ts';

/**
 * Which servers are held down or held still, by which faults. Faults overlap: what one of them took down another may
 * hold down as well, and the server comes back when the last of them lets go.
 */
export class Holds {
  readonly #ensemble: Ensemble;
  readonly #down = new Map<number, Set<object>>();
  readonly #still = new Map<number, Set<object>>();
  readonly #starting = new Map<number, Promise<void>>();

  constructor(ensemble: Ensemble) {
    this.#ensemble = ensemble;
  }

  /** Whether no fault keeps it from serving and its process runs. */
  isFree(id: number): boolean {
    return !this.isHeld(id) && this.#ensemble.processState(id).state === 'running';
  }

  /** Whether a fault keeps it from serving, or it is just being started again after one. */
  isHeld(id: number): boolean {
    return this.isHeldDown(id) || this.isHeldStill(id) || this.#starting.has(id);
  }

  isHeldDown(id: number): boolean {
    return isHeld(this.#down, id);
  }

  isHeldStill(id: number): boolean {
    return isHeld(this.#still, id);
  }

  /** Held down from now on, whoever ends its process: it may also end by itself, as it is right to on a bad disk. */
  holdDown(id: number, owner: object): void {
    hold(this.#down, id, owner);
    this.#letEnd(id, true);
  }

  /** SIGKILL, or SIGTERM and time to end. Resolves when its process has ended. */
  async takeDown(id: number, owner: object, how: 'kill' | 'stop' = 'kill'): Promise<void> {
    this.holdDown(id, owner);
    if (how === 'kill') await this.#ensemble.kill(id);
    else await this.#ensemble.stop(id);
  }

  /**
   * Starts it, unless another fault holds it down, it runs all the same, or this one has held it down no more. Resolves
   * when it serves.
   * @throws EnsembleError if it does not come up.
   */
  async bringUp(id: number, owner: object, signal: AbortSignal): Promise<void> {
    if (this.#down.get(id)?.delete(owner) !== true || this.isHeldDown(id) || signal.aborted) return;
    const underWay = this.#starting.get(id);
    if (underWay !== undefined) return underWay;
    if (this.#ensemble.processState(id).state !== 'ended') {
      this.#letEnd(id, false);
      return;
    }
    const starting = this.#ensemble.restart(id, signal).finally(() => this.#starting.delete(id));
    this.#starting.set(id, starting);
    await starting;
    if (!this.isHeldDown(id)) this.#letEnd(id, false);
  }

  /** SIGSTOP. */
  async holdStill(id: number, owner: object): Promise<void> {
    hold(this.#still, id, owner);
    await this.#ensemble.pause(id);
  }

  /** SIGCONT, unless another fault holds it still or its process has ended. */
  async letGo(id: number, owner: object): Promise<void> {
    if (this.#still.get(id)?.delete(owner) !== true || this.isHeldStill(id)) return;
    if (this.#ensemble.processState(id).state !== 'ended') await this.#ensemble.resume(id);
  }

  #letEnd(id: number, mayEnd: boolean): void {
    const server = serverById(this.#ensemble.servers, id);
    if (server instanceof ProcessServer) server.mayEnd = mayEnd;
  }
}

function isHeld(holds: ReadonlyMap<number, ReadonlySet<object>>, id: number): boolean {
  return (holds.get(id)?.size ?? 0) > 0;
}

function hold(holds: Map<number, Set<object>>, id: number, owner: object): void {
  const owners = holds.get(id);
  if (owners === undefined) holds.set(id, new Set([owner]));
  else owners.add(owner);
}
