import { Client } from '../../client/client.ts';
import { createEnsemble } from '../../ensemble/create-ensemble.ts';
import { stampedeProgram } from '../../ensemble/embedded.ts';
import { leaderOf } from '../../ensemble/ensemble.ts';
import type { ProcessEnsemble } from '../../ensemble/process-ensemble.ts';
import type { ServerProgram } from '../../ensemble/server-program.ts';
import { pause, waitUntil } from '../../ensemble/wait-until.ts';
import { silenceLimitMsOf } from '../../ensemble/zoo-config.ts';
import { ServerControls } from '../control/server-controls.ts';
import type { Fault, FaultParams } from '../fault.ts';
import { createField, type ProcessField } from '../field.ts';
import { reconfigOutAndIn } from '../faults/reconfig-out-and-in.ts';

const CONFIG = {
  tickTime: '400',
  preAllocSize: '256',
  snapCount: '200',
  ...reconfigOutAndIn.needs.config,
};
const LANES = 4;
/** More would only make the trees large that are compared in the end. */
const WRITE_EVERY_MS = 5;
const RETRY_MS = 20;
const WHOLE_TIMEOUT_MS = 60_000;

/** What a fault said of itself, from aiming to the last proof. */
export interface Battle {
  readonly label: string;
  readonly serverIds: readonly number[];
  readonly active: string;
  readonly healed: string;
}

/** Three small servers that are written to all the time, and a field to fight them on. */
export class Battlefield {
  readonly ensemble: ProcessEnsemble;
  readonly controls: ServerControls;
  readonly field: ProcessField;
  /** Znodes that were made, with an answer. */
  readonly acknowledged: string[] = [];
  readonly notes: string[] = [];
  readonly #end = new AbortController();
  readonly #rest = new AbortController();
  #acknowledgedAtMs = 0;
  #lanes: Promise<unknown> = Promise.resolve();

  private constructor(ensemble: ProcessEnsemble, controls: ServerControls) {
    this.ensemble = ensemble;
    this.controls = controls;
    this.field = createField({
      ensemble,
      controls,
      network: null,
      silenceLimitMs: silenceLimitMsOf(CONFIG),
      nowMs: () => performance.now(),
      hasAcknowledged: (sinceMs) => this.#acknowledgedAtMs > sinceMs,
      signal: this.#end.signal,
      note: (line) => this.notes.push(line),
    });
  }

  static async start(
    directory: string,
    { program = stampedeProgram() }: { readonly program?: ServerProgram } = {},
  ): Promise<Battlefield> {
    const controls = await ServerControls.open();
    const servers = Array.from({ length: 3 }, () => ({ program: controls.of(program) }));
    const ensemble = await createEnsemble({ directory, servers, config: CONFIG });
    const battlefield = new Battlefield(ensemble, controls);
    try {
      await ensemble.start();
    } catch (error) {
      controls.close();
      throw error;
    }
    battlefield.#lanes = Promise.all(Array.from({ length: LANES }, (_, lane) => battlefield.#write(lane)));
    return battlefield;
  }

  /** Aims, injects, proves, heals and proves, and waits until all serve. */
  async fight(fault: Fault, params: FaultParams = {}): Promise<Battle> {
    await this.untilWhole();
    const aim = await fault.aim(this.field, params);
    if (aim === null) throw new Error(`${fault.name} finds nobody to hit`);
    try {
      await aim.inject();
      const active = await aim.proveActive();
      await aim.heal(this.field.signal);
      const healed = await aim.proveHealed();
      await this.untilWhole();
      return { label: aim.label, serverIds: aim.serverIds, active, healed };
    } finally {
      await aim.heal(AbortSignal.abort());
    }
  }

  /** All serve, one leads, and since then something was written. */
  async untilWhole(): Promise<void> {
    const isWhole = async (): Promise<boolean> => {
      const roles = await this.ensemble.roles();
      return leaderOf(roles) !== null && ![...roles.values()].includes(null);
    };
    const end = await waitUntil(isWhole, { timeoutMs: WHOLE_TIMEOUT_MS });
    const sinceMs = performance.now();
    const isWritten = async (): Promise<boolean> => this.#acknowledgedAtMs > sinceMs;
    if (end === 'met' && (await waitUntil(isWritten, { timeoutMs: WHOLE_TIMEOUT_MS })) === 'met') return;
    throw new Error(this.ensemble.servers.map(({ id }) => this.ensemble.logTail(id)).join('\n'));
  }

  /** Nothing is written any more. */
  async rest(): Promise<void> {
    this.#rest.abort();
    await this.#lanes;
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.rest();
    await this.ensemble.stop();
    this.controls.close();
  }

  async #write(lane: number): Promise<void> {
    const { signal } = this.#rest;
    let client: Client | null = null;
    for (let i = 0; !signal.aborted; i++) {
      try {
        client ??= await Client.connect({ connectString: this.ensemble.connectString });
        const { path } = await client.create(`/w-${lane}-${i}`, Buffer.alloc(100, lane));
        this.acknowledged.push(path);
        this.#acknowledgedAtMs = performance.now();
        await pause(WRITE_EVERY_MS, signal);
      } catch {
        // Whatever it was, somebody else is asked for the next one.
        client?.destroy();
        client = null;
        await pause(RETRY_MS, signal);
      }
    }
    await client?.close().catch(() => {});
  }
}
