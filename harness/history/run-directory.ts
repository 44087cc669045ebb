import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type FinalTrees, finalTreesSchema } from './final-trees.ts';
import { type RunFile, runFileSchema } from './run-file.ts';

/**
 * Everything a run leaves behind, and the only thing that passes from the harness to the reports.
 *
 * ```text
 * <root>/<utc>-<workload>-<id>/
 *   run.json                 what was run, on what, from when, with which seed
 *   history/<n>.history      one for each generator process
 *   transcripts/<name>.transcript   what went over the connections of a recipe's clients
 *   trees.json               what the servers of an ensemble hold in the end
 *   probes.bin               every probe of availability, where there were some
 *   latency.hlog  report.json  report.html  report.md
 *   servers/<n>/             zoo.cfg  server.log  data/
 * ```
 */
export interface RunDirectory {
  readonly path: string;
  /** The directory's name; unique. */
  readonly id: string;
  readonly runFile: string;
  readonly historyDirectory: string;
  readonly transcriptsDirectory: string;
  readonly treesFile: string;
  readonly probesFile: string;
  readonly latencyLog: string;
  readonly reportJson: string;
  readonly reportHtml: string;
  readonly reportMarkdown: string;
  readonly serversDirectory: string;
}

export interface ServerDirectory {
  readonly path: string;
  readonly config: string;
  readonly log: string;
  readonly data: string;
}

export class RunDirectoryError extends Error {
  override readonly name = 'RunDirectoryError';
  readonly code: 'NOT_A_RUN' | 'BAD_RUN_FILE';

  constructor(code: RunDirectoryError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Makes a fresh one under `parent` (usually `runs`), with the empty directories that a run fills. */
export function createRunDirectory(options: {
  readonly parent: string;
  readonly workload: string;
  readonly now: Date;
}): RunDirectory {
  const { parent, workload, now } = options;
  const run = runDirectoryAt(createDirectory({ parent, name: workload, now }));
  mkdirSync(run.historyDirectory);
  mkdirSync(run.transcriptsDirectory);
  mkdirSync(run.serversDirectory);
  return run;
}

/** Makes `<parent>/<utc>-<name>-<id>`, for a run or for what is made of several. @returns its path */
export function createDirectory({
  parent,
  name,
  now,
}: {
  readonly parent: string;
  readonly name: string;
  readonly now: Date;
}): string {
  const utc = now
    .toISOString()
    .replaceAll(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');
  const word = name.replaceAll(/[^a-zA-Z0-9_-]+/g, '-');
  const path = resolve(parent, `${utc}-${word}-${randomBytes(3).toString('hex')}`);
  makeDirectories(dirname(path));
  mkdirSync(path);
  return path;
}

/** The run directories that lie in a directory, in order of their names, and so of their time. Empty if it is not there. */
export function runDirectoriesIn(parent: string): RunDirectory[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .sort()
    .map((name) => runDirectoryAt(join(parent, name)))
    .filter(({ runFile }) => existsSync(runFile));
}

/** Unlike Node's own `recursive`, this ends where a file system makes no directories at all, such as /proc. */
function makeDirectories(directory: string): void {
  if (existsSync(directory)) return;
  makeDirectories(dirname(directory));
  mkdirSync(directory);
}

/** The paths of a run directory, whether or not it is there. */
export function runDirectoryAt(directory: string): RunDirectory {
  const path = resolve(directory);
  return {
    path,
    id: basename(path),
    runFile: join(path, 'run.json'),
    historyDirectory: join(path, 'history'),
    transcriptsDirectory: join(path, 'transcripts'),
    treesFile: join(path, 'trees.json'),
    probesFile: join(path, 'probes.bin'),
    latencyLog: join(path, 'latency.hlog'),
    reportJson: join(path, 'report.json'),
    reportHtml: join(path, 'report.html'),
    reportMarkdown: join(path, 'report.md'),
    serversDirectory: join(path, 'servers'),
  };
}

/** Where generator process `generator` (from 0) writes its history. */
export function historyFile(run: RunDirectory, generator: number): string {
  return join(run.historyDirectory, `${String(generator).padStart(3, '0')}.history`);
}

/** The histories there are, in the order of the generators. Empty if there are none. */
export function historyFiles(run: RunDirectory): string[] {
  return filesIn(run.historyDirectory, '.history');
}

/** Where the clients of what is called `name` write their transcript. */
export function transcriptFile(run: RunDirectory, name: string): string {
  return join(run.transcriptsDirectory, `${name}.transcript`);
}

/** The transcripts there are. Empty if there are none. */
export function transcriptFiles(run: RunDirectory): string[] {
  return filesIn(run.transcriptsDirectory, '.transcript');
}

function filesIn(directory: string, extension: string): string[] {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => join(directory, name));
}

/** The servers that this run has started, by their ids, in order. Empty if they were others'. */
export function serverIds(run: RunDirectory): number[] {
  let names: string[];
  try {
    names = readdirSync(run.serversDirectory);
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

export function serverDirectory(run: RunDirectory, serverId: number): ServerDirectory {
  const path = join(run.serversDirectory, String(serverId));
  return {
    path,
    config: join(path, 'zoo.cfg'),
    log: join(path, 'server.log'),
    data: join(path, 'data'),
  };
}

/** Replaces run.json as a whole: a reader sees the old one or the new one. */
export function writeRunFile(run: RunDirectory, contents: RunFile): void {
  replaceFile(run.runFile, `${JSON.stringify(runFileSchema.parse(contents), null, 2)}\n`);
}

export function writeFinalTrees(run: RunDirectory, trees: FinalTrees): void {
  replaceFile(run.treesFile, `${JSON.stringify(finalTreesSchema.parse(trees), null, 2)}\n`);
}

/** Null if the run has left none. @throws RunDirectoryError if it isn't one this version can read. */
export function readFinalTrees(run: RunDirectory): FinalTrees | null {
  if (!existsSync(run.treesFile)) return null;
  try {
    return finalTreesSchema.parse(JSON.parse(readFileSync(run.treesFile, 'utf8')));
  } catch (cause) {
    throw new RunDirectoryError('BAD_RUN_FILE', `${run.treesFile} is not a trees.json of this version`, {
      cause,
    });
  }
}

function replaceFile(path: string, text: string): void {
  const draft = `${path}.draft`;
  writeFileSync(draft, text);
  renameSync(draft, path);
}

/** @throws RunDirectoryError if there is no run.json, or it isn't one this version can read. */
export function readRunFile(run: RunDirectory): RunFile {
  let text: string;
  try {
    text = readFileSync(run.runFile, 'utf8');
  } catch (cause) {
    throw new RunDirectoryError('NOT_A_RUN', `${run.path} is not a run directory: no run.json`, { cause });
  }
  try {
    return runFileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new RunDirectoryError('BAD_RUN_FILE', `${run.runFile} is not a run.json of this version`, {
      cause,
    });
  }
}
