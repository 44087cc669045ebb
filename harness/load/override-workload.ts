import { WorkloadError, parseWorkload } from './workload.ts';
import type { Workload } from './workload.ts';

/**
 * A workload with some of its settings replaced, each written `path=value` as on a command line:
 * `durationS=5`, `mix.read=3`, `keys.distribution=zipfian`, `valueSize={"min":8,"max":4096}`.
 *
 * The value is JSON where it can be read as JSON, and a word otherwise; an empty one takes the setting away.
 * Setting `rate` takes `depth` away and the other way round, because only one of them can be meant.
 * @throws WorkloadError that names the setting.
 */
export function overrideWorkload(workload: Workload, settings: readonly string[]): Workload {
  const draft = structuredClone(workload) as Record<string, unknown>;
  for (const setting of settings) applySetting(draft, setting);
  return parseWorkload(draft, `workload ${workload.name} with ${settings.join(' ')}`);
}

function applySetting(draft: Record<string, unknown>, setting: string): void {
  const equals = setting.indexOf('=');
  if (equals <= 0) {
    throw new WorkloadError(
      `"${setting}" is not a setting; write it as path=value, for example durationS=10`,
    );
  }
  const path = setting.slice(0, equals).split('.');
  const text = setting.slice(equals + 1);
  put(draft, path, text === '' ? undefined : readValue(text));

  if (path[0] === 'rate') delete draft['depth'];
  if (path[0] === 'depth') {
    delete draft['rate'];
    delete draft['arrivals'];
  }
}

function put(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    if (value === undefined) delete target[key];
    else target[key] = value;
    return;
  }
  const inner = target[key];
  const next = isRecord(inner) ? inner : {};
  target[key] = next;
  put(next, rest, value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
