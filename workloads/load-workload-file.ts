import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { WorkloadError, parseWorkload } from '../harness/load/workload.ts';
import type { Workload } from '../harness/load/workload.ts';

/**
 * Reads a workload from a YAML (or JSON) file with the fields of `Workload`. Without a `name` it is called
 * as its file.
 * @throws WorkloadError if the file cannot be read, is not YAML, or does not describe a workload.
 */
export function loadWorkloadFile(file: string): Workload {
  const value = parseYaml(file, readText(file));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WorkloadError(`${file} is not a workload: write its fields as "key: value" lines, mix: first`);
  }
  return parseWorkload({ name: basename(file, extname(file)).toLowerCase(), ...value }, file);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new WorkloadError(`Cannot read the workload file ${file}: ${messageOf(cause)}. Check the path`, {
      cause,
    });
  }
}

function parseYaml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    throw new WorkloadError(`${placeOf(file, cause)} is not YAML: ${firstLineOf(cause)}; correct it there`, {
      cause,
    });
  }
}

/** `file:line:column`, both from 1, as editors and terminals make a link of. */
function placeOf(file: string, cause: unknown): string {
  const at = cause instanceof YAMLParseError ? cause.linePos?.[0] : undefined;
  return at === undefined ? file : `${file}:${at.line}:${at.col}`;
}

/** Below it the parser draws the line and an arrow. */
function firstLineOf(cause: unknown): string {
  const [line = ''] = messageOf(cause).split('\n');
  return line.replace(/ at line \d+, column \d+:?$/, '');
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
