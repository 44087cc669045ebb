import { existsSync } from 'node:fs';
import type { Ensemble } from '../ensemble/ensemble.ts';
import { readProbeFile } from '../probes/probe-file.ts';
import { probeTargets } from '../probes/probe-rates.ts';
import type { ProbeLog } from '../probes/probe-record.ts';
import type { ProberSummary } from '../probes/prober-messages.ts';
import { ProberError, ProberProcess } from '../probes/prober-process.ts';

export interface ProbeChoice {
  /** See `probeTargets`. */
  readonly ratePerSecond: number;
  readonly deadlineMs: number;
}

export interface RunProbesOptions extends ProbeChoice {
  readonly file: string;
  /** Zero of the run's clock. */
  readonly startNs: bigint;
  readonly note: (line: string) => void;
}

export interface ProbeFindings {
  readonly log: ProbeLog;
  /** Null: the prober did not live to say. */
  readonly summary: ProberSummary | null;
}

/** That of the load's clients. */
const SESSION_TIMEOUT_MS = 10_000;

/**
 * The probes of a run. They are an instrument beside the load: when they fail the run goes on without them, with
 * a note, and what they saw until then is reported.
 */
export class RunProbes {
  readonly #options: RunProbesOptions;
  readonly #process: ProberProcess;
  /** Whether every server could be probed. */
  readonly #opening: Promise<boolean>;
  #summary: ProberSummary | null = null;
  #hasBegun = false;
  #isOver = false;
  #ending: Promise<void> | null = null;

  /** Begins to connect to every server; `begin` waits for that. */
  constructor(ensemble: Ensemble, options: RunProbesOptions) {
    this.#options = options;
    this.#process = new ProberProcess();
    this.#opening = this.#unlessFailed(() =>
      this.#process.open({
        servers: ensemble.servers.map(({ id, clientAddress }) => ({ id, clientAddress })),
        connectString: ensemble.connectString,
        targets: probeTargets(
          ensemble.servers.map(({ id }) => id),
          options.ratePerSecond,
        ),
        startNs: String(options.startNs),
        file: options.file,
        deadlineMs: options.deadlineMs,
        sessionTimeoutMs: SESSION_TIMEOUT_MS,
      }),
    );
  }

  /** Resolves when probes are sent, or will never be; `signal` ends the wait. */
  async begin(signal: AbortSignal): Promise<void> {
    const isOpen = await Promise.race([this.#opening, aborted(signal)]);
    if (isOpen) this.#hasBegun = await this.#unlessFailed(() => this.#process.begin());
  }

  /** Any number of times. Resolves when the file is complete, or never will be. */
  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  /** What they have seen; null if they never began. After `end`. */
  read(): ProbeFindings | null {
    const { file } = this.#options;
    if (!this.#hasBegun || !existsSync(file)) return null;
    return { log: readProbeFile(file), summary: this.#summary };
  }

  async #end(): Promise<void> {
    if (this.#hasBegun) {
      await this.#unlessFailed(async () => {
        this.#summary = await this.#process.end();
      });
    }
    this.#isOver = true;
    this.#process.kill();
  }

  async #unlessFailed(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (!(error instanceof ProberError)) throw error;
      const [line = ''] = error.message.split('\n');
      if (!this.#isOver) this.#options.note(`no more probes of availability: ${line}`);
      return false;
    }
  }
}

function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false);
    else signal.addEventListener('abort', () => resolve(false), { once: true });
  });
}
