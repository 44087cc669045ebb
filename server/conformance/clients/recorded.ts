import { readFileSync, writeFileSync } from 'node:fs';
import type { CaseResult } from './suite.ts';
import { sourcePath } from './testdata.ts';

/** What a client printed for one command, with what differs by nature taken out. */
export interface Printed {
  readonly command: string;
  readonly lines: readonly string[];
}

/** Set to rewrite the recordings from the server that is judged, which then ought to be Apache. */
const UPDATE_VARIABLE = 'STAMPEDE_UPDATE_RECORDINGS';

/** Compares what a client printed with what it printed against Apache, command by command. */
export function compareWithRecording(printed: readonly Printed[], file: string): CaseResult[] {
  const path = sourcePath(`clients/testdata/${file}`);
  if (process.env[UPDATE_VARIABLE] !== undefined) writeFileSync(path, format(printed));
  const recorded = parse(readFileSync(path, 'utf8'));
  return printed.map(({ command, lines }, index) => {
    const expected = recorded[index]?.lines ?? ['(not recorded)'];
    const isEqual = recorded[index]?.command === command && expected.join('\n') === lines.join('\n');
    const detail = [...expected.map((line) => `- ${line}`), ...lines.map((line) => `+ ${line}`)].join('\n');
    return { name: command, ok: isEqual, detail: isEqual ? '' : detail };
  });
}

function format(printed: readonly Printed[]): string {
  return printed.map(({ command, lines }) => `$ ${[command, ...lines].join('\n')}\n`).join('\n');
}

function parse(text: string): Printed[] {
  const commands: { command: string; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('$ ')) commands.push({ command: line.slice(2), lines: [] });
    else if (line !== '') commands.at(-1)?.lines.push(line);
  }
  return commands;
}
