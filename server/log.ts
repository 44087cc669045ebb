import type { Log } from './base/log.ts';
import { printable } from './base/printable.ts';

export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A message may quote several values of `PRINTABLE_LENGTH_MAX` each; beyond this it is cut. */
const MESSAGE_LENGTH_MAX = 2048;

export interface LineLogOptions {
  /** Between `[myid:` and `]`; empty on a server that has none. */
  readonly myid: string;
  /** Below this nothing is written. */
  readonly level?: LogLevel;
  /** Where DEBUG and INFO go, and where WARN and ERROR go: whole lines with their line end. */
  readonly out?: (line: string) => void;
  readonly err?: (line: string) => void;
  readonly now?: () => Date;
}

/**
 * One line for each record in the layout of ZooKeeper's own log4j configuration, so that what reads Apache's logs
 * reads these: `2026-11-21 09:00:00,123 [myid:1] - INFO  [main:Component] - message`. Local time. Control
 * characters are escaped: a record is one line whatever a client called its znode.
 */
export class LineLog implements Log {
  readonly #prefix: string;
  readonly #levelIndex: number;
  readonly #out: (line: string) => void;
  readonly #err: (line: string) => void;
  readonly #now: () => Date;

  constructor(options: LineLogOptions) {
    this.#prefix = `[myid:${printable(options.myid)}] - `;
    this.#levelIndex = LOG_LEVELS.indexOf(options.level ?? 'INFO');
    this.#out = options.out ?? ((line) => process.stdout.write(line));
    this.#err = options.err ?? ((line) => process.stderr.write(line));
    this.#now = options.now ?? (() => new Date());
  }

  debug(component: string, message: string): void {
    this.#write('DEBUG', component, message);
  }

  info(component: string, message: string): void {
    this.#write('INFO', component, message);
  }

  warn(component: string, message: string): void {
    this.#write('WARN', component, message);
  }

  error(component: string, message: string): void {
    this.#write('ERROR', component, message);
  }

  #write(level: LogLevel, component: string, message: string): void {
    const index = LOG_LEVELS.indexOf(level);
    if (index < this.#levelIndex) return;
    const where = `[main:${printable(component)}]`;
    const text = printable(message, MESSAGE_LENGTH_MAX);
    const line = `${logTimestamp(this.#now())} ${this.#prefix}${level.padEnd(5)} ${where} - ${text}\n`;
    if (index >= LOG_LEVELS.indexOf('WARN')) this.#err(line);
    else this.#out(line);
  }
}

/** log4j's `%d{ISO8601}`. */
export function logTimestamp(date: Date): string {
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const time = [two(date.getHours()), two(date.getMinutes()), two(date.getSeconds())].join(':');
  return `${day} ${time},${String(date.getMilliseconds()).padStart(3, '0')}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
