import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  byKey,
  keyValueHistory,
  type KeyValueOperation,
  type KeyValueOptions,
} from '../self-test/key-value-history.ts';
import { checkLinearizable } from '../wgl.ts';
import { inTurn, type Judge, type Timing } from './in-turn.ts';
import { Porcupine } from './porcupine.ts';

export const Contestant = {
  ours: 'ours',
  porcupine: 'Porcupine',
  porcupineOnOneCore: 'Porcupine on one core',
} as const;

/** What takes a millisecond is done more often, or its figures would be those of whatever else runs. */
const OPERATIONS_MIN = 200_000;

export interface Contest {
  /** By the name of the contestant. */
  readonly timings: ReadonlyMap<string, Timing>;
  /** What was said and isn't so, a line each. */
  readonly wrong: readonly string[];
}

export interface ContestSettings {
  readonly program: string | null;
  readonly directory: string;
  readonly roundsMin: number;
}

/**
 * One history, judged by our search and by Porcupine: the same operations in the same model, by key in both. `program`:
 * what `buildPorcupine` has built, null where there is none. What Porcupine needs is written to `directory`. There are
 * more rounds than `roundsMin` for a short history.
 */
export async function contest(
  options: KeyValueOptions,
  { program, directory, roundsMin }: ContestSettings,
): Promise<Contest> {
  const operations = keyValueHistory(options);
  const others: Porcupine[] = [];
  if (program !== null) {
    const path = join(directory, 'history.jsonl');
    writeFileSync(path, operations.map(lineOf).join(''));
    others.push(new Porcupine(Contestant.porcupine, program, path));
    others.push(new Porcupine(Contestant.porcupineOnOneCore, program, path, 1));
  }
  try {
    const rounds = Math.max(roundsMin, Math.ceil(OPERATIONS_MIN / operations.length));
    const timings = await inTurn([oursOf(operations), ...others], rounds);
    return { timings, wrong: wrongOf(options, timings) };
  } finally {
    await Promise.all(others.map((each) => each.stop()));
  }
}

function oursOf(operations: readonly KeyValueOperation[]): Judge {
  return {
    name: Contestant.ours,
    judge() {
      const startedMs = performance.now();
      const { verdict } = checkLinearizable(byKey(operations));
      return { verdict, tookMs: performance.now() - startedMs };
    },
  };
}

/** As main.go reads it: JSON has no infinity, so what never returned has null there. */
function lineOf(operation: KeyValueOperation): string {
  return `${JSON.stringify(operation)}\n`;
}

/** Porcupine may give up when its time is over, which is nothing wrong. */
function wrongOf({ isStale }: KeyValueOptions, timings: ReadonlyMap<string, Timing>): string[] {
  const right = isStale ? 'invalid' : 'valid';
  return [...timings].flatMap(([name, { verdicts }]) => {
    const others = [...verdicts].filter((verdict) => verdict !== right);
    const isWrong = others.some((verdict) => name === Contestant.ours || verdict !== 'unknown');
    return isWrong ? [`${name} says ${others.join(', ')}, and it is ${right}`] : [];
  });
}
