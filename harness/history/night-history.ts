import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Night, nightSchema } from './night-schema.ts';

/** How many nights are kept. */
const NIGHTS_MAX = 90;
/** What is kept of a run that failed: enough to read what happened, and to play it again. */
const KEPT_FILES = ['report.html', 'report.json', 'report.md', 'run.json'];

/** The nights that are kept in a directory, the oldest first; empty if it is not there. */
export function readNights(history: string): {
  readonly nights: readonly Night[];
  readonly unreadable: readonly string[];
} {
  const nights: Night[] = [];
  const unreadable: string[] = [];
  for (const name of nightNamesIn(history)) {
    try {
      nights.push(nightSchema.parse(JSON.parse(readFileSync(join(history, name, 'night.json'), 'utf8'))));
    } catch {
      unreadable.push(join(history, name));
    }
  }
  return { nights, unreadable };
}

/** Writes `night.json` into the night's directory. */
export function writeNight(directory: string, night: Night): void {
  writeFileSync(join(directory, 'night.json'), `${JSON.stringify(nightSchema.parse(night), null, 2)}\n`);
}

/**
 * Adds a night to those that are kept, with the reports of its runs that failed, as `<history>/<id>/`; the oldest go. Then
 * all of them are copied into the night's directory, as `nights/`, whose index leads there.
 */
export function keepNight(history: string, night: Night, directory: string): void {
  const kept = join(history, night.id);
  mkdirSync(kept, { recursive: true });
  writeNight(kept, night);
  for (const { report } of night.parts.flatMap(({ runs }) => runs)) {
    if (report === null) continue;
    const from = dirname(join(directory, report));
    const to = dirname(join(kept, report));
    mkdirSync(to, { recursive: true });
    for (const file of KEPT_FILES) {
      if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file));
    }
  }
  for (const name of nightNamesIn(history).slice(0, -NIGHTS_MAX)) {
    rmSync(join(history, name), { recursive: true });
  }
  for (const name of nightNamesIn(history)) {
    cpSync(join(history, name), join(directory, 'nights', name), { recursive: true });
  }
}

/** A night's name begins with when it was. */
function nightNamesIn(history: string): string[] {
  if (!existsSync(history)) return [];
  return readdirSync(history)
    .filter((name) => existsSync(join(history, name, 'night.json')))
    .sort();
}
