import type { Socket } from 'node:net';
import { NoEffectError } from '../no-effect.ts';
import type {
  ClockReading,
  ControlReport,
  ControlRequest,
  EffectCount,
  ImposedSetting,
  Setting,
} from './settings.ts';

/** How long a server that runs may take to answer; one that is stopped does not. */
const ANSWER_TIMEOUT_MS = 5_000;

/** A setting that is imposed on a server, through all its restarts, until it is lifted. */
export interface Imposed {
  /** How often it had its effect, over all processes of the server. */
  readonly count: EffectCount;
  /** Resolves with the count when `isEnough`, or once the time is over. */
  until(isEnough: (count: EffectCount) => boolean, options: UntilOptions): Promise<EffectCount>;
  /** Resolves when the server has been told, or is not there to be told. @throws NoEffectError when it does not answer. */
  lift(): Promise<void>;
  /** Asks the server itself. @throws NoEffectError when it does not answer. */
  isInForce(): Promise<boolean>;
}

export interface UntilOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const NOTHING: EffectCount = { times: 0, amount: 0 };

/** The way into the process of one server. What is imposed on it is in force before a process of it does anything. */
export class ServerControl {
  readonly #id: number;
  readonly #imposed = new Map<number, ImposedSetting>();
  /** By setting: of earlier processes, and of this one. */
  readonly #counts = new Map<number, { before: number; now: EffectCount }>();
  readonly #waiting = new Set<() => void>();
  readonly #answers = new Map<number, (report: ControlReport | null) => void>();
  #socket: Socket | null = null;
  #pid: number | null = null;
  #serial = 0;
  #nextId = 1;

  constructor(id: number) {
    this.#id = id;
  }

  /** Of the process that listens to us; null while none does. */
  get pid(): number | null {
    return this.#pid;
  }

  /** @throws NoEffectError when the server runs and does not answer. */
  async impose(setting: Setting): Promise<Imposed> {
    const id = this.#nextId++;
    this.#imposed.set(id, { id, setting });
    this.#counts.set(id, { before: 0, now: NOTHING });
    await this.#tell();
    const countOf = (): EffectCount => this.#countOf(id);
    return {
      get count() {
        return countOf();
      },
      until: (isEnough, options) => this.#until(id, isEnough, options),
      lift: async () => {
        if (this.#imposed.delete(id)) await this.#tell();
      },
      isInForce: async () => (await this.#tell()).includes(id),
    };
  }

  /** @throws NoEffectError when there is no server, or it does not answer. */
  async readClock(): Promise<ClockReading> {
    const answer = await this.#ask((serial) => ({ type: 'read-clock', serial }));
    if (answer?.type === 'clock') return answer.reading;
    throw new NoEffectError(`server ${this.#id} does not say what its clock shows`);
  }

  connected(socket: Socket, pid: number): void {
    this.#socket = socket;
    this.#pid = pid;
    for (const [id, { before, now }] of this.#counts) {
      this.#counts.set(id, { before: before + now.times, now: NOTHING });
    }
    void this.#tell().catch(() => {
      // It has gone again before it could answer.
    });
  }

  disconnected(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#pid = null;
    for (const answered of this.#answers.values()) answered(null);
  }

  told(report: ControlReport, socket: Socket): void {
    if (this.#socket !== socket) return;
    switch (report.type) {
      case 'imposed':
      case 'clock':
        this.#answers.get(report.serial)?.(report);
        break;
      case 'effect': {
        const counts = this.#counts.get(report.id);
        if (counts !== undefined) counts.now = report.count;
        for (const look of this.#waiting) look();
        break;
      }
      case 'hello':
        break;
    }
  }

  #countOf(id: number): EffectCount {
    const { before, now } = this.#counts.get(id) ?? { before: 0, now: NOTHING };
    return { times: before + now.times, amount: now.amount };
  }

  #until(
    id: number,
    isEnough: (count: EffectCount) => boolean,
    { timeoutMs, signal }: UntilOptions,
  ): Promise<EffectCount> {
    return new Promise((resolve) => {
      const timer = setTimeout(end, timeoutMs);
      const look = (): void => {
        if (isEnough(this.#countOf(id)) || signal.aborted) end();
      };
      const waiting = this.#waiting;
      const count = (): EffectCount => this.#countOf(id);
      function end(): void {
        clearTimeout(timer);
        waiting.delete(look);
        signal.removeEventListener('abort', end);
        resolve(count());
      }
      waiting.add(look);
      signal.addEventListener('abort', end, { once: true });
      look();
    });
  }

  /**
   * Of everything that is imposed, so that nothing depends on what a process was told before. Returns what is in force
   * there then; nothing where there is no server.
   */
  async #tell(): Promise<readonly number[]> {
    const settings = [...this.#imposed.values()];
    const answer = await this.#ask((serial) => ({ type: 'impose', serial, settings }));
    return answer?.type === 'imposed' ? answer.ids : [];
  }

  /** Null: there is no server, or it has gone before it answered. @throws NoEffectError */
  #ask(requestOf: (serial: number) => ControlRequest): Promise<ControlReport | null> {
    const serial = ++this.#serial;
    const socket = this.#socket;
    if (socket === null) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#answers.delete(serial);
        reject(new NoEffectError(`server ${this.#id} has not answered for ${ANSWER_TIMEOUT_MS} ms`));
      }, ANSWER_TIMEOUT_MS);
      this.#answers.set(serial, (report) => {
        clearTimeout(timer);
        this.#answers.delete(serial);
        resolve(report);
      });
      socket.write(`${JSON.stringify(requestOf(serial))}\n`);
    });
  }
}
