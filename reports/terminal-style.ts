import { styleText } from 'node:util';

export type TerminalStream = {
  readonly isTTY?: boolean | undefined;
  /** Characters in a line. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
};

export type TerminalAbility = {
  readonly hasColour: boolean;
  /** Whether a line already written may be written again. */
  readonly canRewrite: boolean;
};

/**
 * What a stream can show. `NO_COLOR` (set, and not empty) takes colour away everywhere, `FORCE_COLOR` gives
 * it to a pipe; a log (`CI`, or no terminal, or `TERM=dumb`) gets whole lines only.
 */
export function terminalAbility(
  stream: TerminalStream,
  env: Readonly<Record<string, string | undefined>>,
): TerminalAbility {
  const isTerminal = stream.isTTY === true && env['TERM'] !== 'dumb';
  const isSet = (name: string): boolean => env[name] !== undefined && env[name] !== '';
  const isForced = isSet('FORCE_COLOR') && env['FORCE_COLOR'] !== '0';
  return {
    hasColour: !isSet('NO_COLOR') && (isTerminal || isForced),
    canRewrite: isTerminal && (!isSet('CI') || env['CI'] === 'false'),
  };
}

export type Paint = (format: 'bold' | 'dim' | 'cyan' | 'green' | 'red' | 'yellow', text: string) => string;

export function paintWith(hasColour: boolean): Paint {
  return hasColour
    ? (format, text) => styleText(format, text, { validateStream: false })
    : (_format, text) => text;
}

/** Without what moves a cursor or begins a line of its own: names come from outside. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what this is about
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\uFFFD');
}
