import { parseArgs } from 'node:util';

export interface ToxiproxyOptions {
  readonly host: string;
  readonly port: number;
  readonly seed: number;
  /** A JSON file of proxies to begin with. */
  readonly config: string | null;
  readonly isStock: boolean;
  /** How long a client is kept whose upstream refuses; 0 for not at all. */
  readonly redialLimitMs: number;
}

/** The command line is wrong. Exit code 2. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

/** Longer than any server of ours or Apache's takes to start, and longer than it waits for its peers by default. */
const REDIAL_LIMIT_MS = 60_000;

/** Flags have two dashes, or one, as Toxiproxy's have. @throws OptionsError */
export function parseOptions(args: readonly string[]): ToxiproxyOptions {
  const { values } = parse(args.map((arg) => arg.replace(/^-(?=[a-z])/, '--')));
  return {
    host: values.host,
    port: wholeNumber('port', values.port, 65_535),
    seed: wholeNumber('seed', values.seed, Number.MAX_SAFE_INTEGER),
    config: values.config ?? null,
    isStock: values.stock,
    redialLimitMs: wholeNumber('redial-limit', values['redial-limit'], 2 ** 31 - 1),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        host: { type: 'string', default: 'localhost' },
        port: { type: 'string', default: '8474' },
        seed: { type: 'string', default: '1' },
        config: { type: 'string' },
        stock: { type: 'boolean', default: false },
        'redial-limit': { type: 'string', default: String(REDIAL_LIMIT_MS) },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max)
    throw new OptionsError(`--${name} takes a whole number up to ${max}`);
  return value;
}
