import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { EnsembleError } from './ensemble.ts';

const COMMAND = 'docker';
/** Of what a command that has failed printed, the end of which says why. */
const WORDS_LINES_MAX = 20;

export interface DockerOptions {
  /** Added to our own environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Told of every line that it prints. */
  readonly onLine?: (line: string) => void;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs the `docker` command, and resolves with what it has printed on stdout.
 *
 * @throws EnsembleError, with the end of what it has printed, when it fails, is aborted or is not there.
 */
export async function docker(args: readonly string[], options: DockerOptions = {}): Promise<string> {
  const { env = {}, onLine, signal } = options;
  const isAborted = (): boolean => signal?.aborted === true;
  if (isAborted()) throw aborted(args);
  // In a process group of its own: a Ctrl-C at the terminal is for the harness, which passes it on where that is right.
  const child = spawn(COMMAND, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  // To the whole group, as a terminal does it: its plugins are processes of their own.
  const end = (): unknown => child.pid !== undefined && process.kill(-child.pid, 'SIGINT');
  signal?.addEventListener('abort', end, { once: true });
  const tail: string[] = [];
  const note = (line: string): void => {
    tail.push(line);
    if (tail.length > WORDS_LINES_MAX) tail.shift();
    onLine?.(line);
  };
  let output = '';
  eachLine(child.stderr, note);
  eachLine(child.stdout, note);
  child.stdout.on('data', (text: string) => (output += text));
  try {
    const code = await exitCodeOf(child);
    if (isAborted()) throw aborted(args);
    if (code !== 0) throw failed(args, tail.join('\n'));
    return output;
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** The same for one that answers at once, and is waited for. @throws EnsembleError */
export function dockerNow(args: readonly string[]): string {
  try {
    return execFileSync(COMMAND, args, { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string };
    throw failed(args, stderr?.trim() ?? message);
  }
}

/**
 * One that goes on until what it is about has ended. `output`: a file descriptor for all that it prints, which it has for
 * itself from then on.
 */
export function dockerInBackground(args: readonly string[], output: number | 'ignore'): ChildProcess {
  const child = spawn(COMMAND, args, { stdio: ['ignore', output, output], detached: true });
  // That it could not be started is an end as any other.
  child.on('error', () => {});
  return child;
}

/**
 * Makes sure that Docker is there, with its daemon and its compose plugin.
 *
 * @throws EnsembleError that says what to do.
 */
export async function requireDocker(): Promise<void> {
  await orAdvise(
    ['version', '--format', '{{.Server.Version}}'],
    "start Docker's daemon (systemctl start docker, or Docker Desktop), or let DOCKER_HOST name one that runs",
  );
  await orAdvise(
    ['compose', 'version', '--short'],
    "install Docker's compose plugin, version 2 (the package docker-compose-plugin)",
  );
}

async function orAdvise(args: readonly string[], advice: string): Promise<void> {
  try {
    await docker(args);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const isThere = (cause as NodeJS.ErrnoException).cause === undefined;
    const what = isThere ? advice : 'install Docker with its compose plugin';
    throw new EnsembleError(`${why}\n${what}; --target embedded and --target apache take no containers`, {
      cause,
    });
  }
}

function exitCodeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'ENOENT' ? 'there is none in PATH' : cause.message;
      reject(new EnsembleError(`the command ${COMMAND} cannot be run: ${why}`, { cause }));
    });
    child.on('close', resolve);
  });
}

function eachLine(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split(/[\r\n]+/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  });
  stream.on('end', () => {
    if (rest !== '') onLine(rest);
  });
}

function failed(args: readonly string[], printed: string): EnsembleError {
  return new EnsembleError(`${inWords(args)} has failed: ${printed || 'it has not said why'}`);
}

function aborted(args: readonly string[]): EnsembleError {
  return new EnsembleError(`${inWords(args)} was ended with the run`);
}

/** As somebody would type it to see for themselves. */
function inWords(args: readonly string[]): string {
  return [COMMAND, ...args].join(' ');
}
