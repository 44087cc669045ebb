import { formatCount, formatRate, formatUsAsMs } from './format.ts';
import { paintWith, printable, terminalAbility } from './terminal-style.ts';
import type { Paint, TerminalAbility, TerminalStream } from './terminal-style.ts';

export type ProgressSample = {
  /** Since the run's start. */
  readonly elapsedMs: number;
  /** Null: the run has no planned end. */
  readonly plannedMs: number | null;
  readonly phase: string;
  /** Both over the last second or so; null before the first op has come back. */
  readonly opsPerSecond: number | null;
  readonly p99Us: number | null;
  /** Since the run's start. */
  readonly errors: number;
};

const BAR_WIDTH = 20;
const COLUMNS_DEFAULT = 80;
const REWRITE = '\r\u001b[K';

/**
 * What a user sees while a run goes on. A terminal has one line that is written over at every update; a log
 * has one line for each second of the run, however often there is an update.
 */
export class Progress {
  readonly #stream: TerminalStream;
  readonly #ability: TerminalAbility;
  readonly #paint: Paint;
  #lastSecond = -1;
  #isLineOpen = false;

  constructor(stream: TerminalStream, env: Readonly<Record<string, string | undefined>>) {
    this.#stream = stream;
    this.#ability = terminalAbility(stream, env);
    this.#paint = paintWith(this.#ability.hasColour);
  }

  update(sample: ProgressSample): void {
    if (this.#ability.canRewrite) {
      this.#stream.write(REWRITE + this.#liveLine(sample));
      this.#isLineOpen = true;
      return;
    }
    const second = Math.floor(sample.elapsedMs / 1000);
    if (second <= this.#lastSecond) return;
    this.#lastSecond = second;
    this.#stream.write(`${plainLine(sample)}\n`);
  }

  /** A line that stays, such as a fault that took effect. */
  note(line: string): void {
    this.end();
    this.#stream.write(`${printable(line)}\n`);
  }

  /** Leaves the terminal as it was found: what is written next begins a line. */
  end(): void {
    if (this.#isLineOpen) this.#stream.write(REWRITE);
    this.#isLineOpen = false;
  }

  /** Cut to the width of the terminal: a line that wraps cannot be written over. */
  #liveLine(sample: ProgressSample): string {
    const text = plainLine(sample);
    const columns = this.#stream.columns ?? COLUMNS_DEFAULT;
    const { plannedMs, elapsedMs } = sample;
    if (plannedMs === null || plannedMs <= 0 || text.length + BAR_WIDTH + 1 >= columns) {
      return text.slice(0, Math.max(0, columns - 1));
    }
    const done = Math.round(Math.min(1, elapsedMs / plannedMs) * BAR_WIDTH);
    const bar = this.#paint('cyan', '━'.repeat(done)) + this.#paint('dim', '─'.repeat(BAR_WIDTH - done));
    return `${bar} ${text}`;
  }
}

function plainLine(sample: ProgressSample): string {
  const of = sample.plannedMs === null ? '' : ` of ${wholeSeconds(sample.plannedMs)}`;
  return [
    `${wholeSeconds(sample.elapsedMs)}${of}`,
    printable(sample.phase),
    `${formatRate(sample.opsPerSecond)} ops/s`,
    `p99 ${formatUsAsMs(sample.p99Us)} ms`,
    `errors ${formatCount(sample.errors)}`,
  ].join('  ');
}

function wholeSeconds(ms: number): string {
  return `${Math.floor(ms / 1000)} s`;
}
