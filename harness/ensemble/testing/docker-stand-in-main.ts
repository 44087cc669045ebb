import { spawn } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processStateOf } from '../process-state.ts';
import { type Container, DockerError } from './docker-stand-in-container.ts';

/**
 * The `docker` command as far as the harness uses it, word for word, and anything else is refused. Its containers are
 * processes of this machine: our image's entrypoint with our server, whatever image the service names. Among them the
 * names of the services are ports of 127.0.0.1, and what is a volume or a network is a directory of the container.
 */

const POLL_MS = 20;
const GRACE_MS = 10_000;
const REFUSED = 125;

/** Keeps what becomes of a container's process, as the daemon does. */
const SHIM = `"$1" >>log 2>&1 & echo $! >pid.draft; mv pid.draft pid; wait $!; echo $? >exit.draft; mv exit.draft exit`;

const home = process.env['DOCKER_STAND_IN'] ?? '';
const broken = process.env['DOCKER_STAND_IN_WITHOUT'] ?? '';

const args = process.argv.slice(2);
try {
  await run(args);
} catch (error) {
  if (!(error instanceof DockerError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}

async function run(args: readonly string[]): Promise<void> {
  const [command = '', ...rest] = args;
  if (command === 'compose') return compose(rest);
  if (broken === 'daemon')
    throw new DockerError(
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    );
  if (matches(args, 'version', '--format', '{{.Server.Version}}')) return print('28.2.2');
  const [project = '', service = ''] = ['project', 'service'].map((name, index) => {
    const filter = new RegExp(`^label=com\\.docker\\.compose\\.${name}=(.+)$`);
    return filter.exec(rest[4 + 2 * index] ?? '')?.[1] ?? '';
  });
  const filters = ['--filter', rest[4] ?? '', '--filter', rest[6] ?? ''];
  if (service !== '' && project !== '' && matches(args, 'ps', '--all', '--quiet', '--no-trunc', ...filters))
    return list(project, service);
  const id = rest.at(-1) ?? '';
  if (matches(args, 'start', id)) return start(id);
  if (matches(args, 'wait', id)) return print(String(await untilEnded(id)));
  if (matches(args, 'logs', '--follow', id)) return followLog(id);
  if (matches(args, 'kill', '--signal', 'SIGKILL', id)) {
    if (stateOf(id).state === 'ended') throw new DockerError(`cannot kill container: ${id} is not running`);
    signal(id, 'SIGKILL');
    return;
  }
  if (matches(args, 'stop', id)) {
    // Docker would let it go on, and Podman does not.
    if (stateOf(id).state === 'stopped') throw new DockerError(`container ${id} is paused`);
    return stop(id);
  }
  if (matches(args, 'pause', id)) return signal(id, 'SIGSTOP');
  if (matches(args, 'unpause', id)) return signal(id, 'SIGCONT');
  if (matches(args, 'inspect', '--format', '{{.State.Status}} {{.State.Pid}} {{.State.ExitCode}}', id))
    return print(inspect(id));
  const [from = '', to = ''] = rest;
  if (matches(args, 'cp', from, to)) return copy(from, to);
  refuse();
}

async function compose(args: readonly string[]): Promise<void> {
  if (broken === 'plugin')
    throw new DockerError(
      `docker: unknown command: docker compose\n\nRun 'docker --help' for more information`,
    );
  if (matches(args, 'version', '--short')) return print('2.36.2');
  const [, file = '', , project = ''] = args;
  const named = ['--file', file, '--project-name', project];
  const profile = args[4] === '--profile' ? (args[5] ?? '') : null;
  const common = [...named, ...(profile === null ? [] : ['--profile', profile])];
  const rest = args.slice(common.length);
  if (!matches(args, ...common, ...rest)) refuse();
  const [, , , ...services] = rest;
  if (matches(rest, 'up', '--no-start', '--build', ...services) && services.length > 0) {
    process.stderr.write('#5 [build 4/12] RUN npm ci\n');
    if (broken === 'image')
      throw new DockerError('failed to solve: process "/bin/sh -c npm ci" did not complete successfully', 17);
    // What it takes to read YAML takes its time, and the other commands none of it.
    const { createContainers } = await import('./docker-stand-in-create.ts');
    return createContainers(home, { file, project, services });
  }
  if (matches(rest, 'down', '--volumes', '--remove-orphans', '--rmi', 'local')) return down(project, profile);
  refuse();
}

/** Of what has no profile, and of this one. */
async function down(project: string, profile: string | null): Promise<void> {
  for (const [id, container] of containers()) {
    if (container.project !== project) continue;
    if (container.profiles.length > 0 && !container.profiles.includes(profile ?? '')) continue;
    await stop(id);
    rmSync(join(home, id), { recursive: true });
  }
}

function list(project: string, service: string): void {
  for (const [id, of] of containers()) if (of.project === project && of.service === service) print(id);
}

async function start(id: string): Promise<void> {
  const { env } = containerOf(id);
  const cwd = join(home, id);
  for (const name of ['pid', 'exit']) rmSync(join(cwd, name), { force: true });
  const { ENTRYPOINT: entrypoint = '', ...environment } = env;
  const shim = ['-c', SHIM, 'shim', entrypoint];
  spawn('/bin/sh', shim, { cwd, env: environment, stdio: 'ignore', detached: true }).unref();
  while (!existsSync(join(cwd, 'pid'))) await sleep(POLL_MS);
  print(id);
}

async function stop(id: string): Promise<void> {
  if (stateOf(id).state === 'ended') return;
  signal(id, 'SIGTERM');
  signal(id, 'SIGCONT');
  const timer = setTimeout(() => signal(id, 'SIGKILL'), GRACE_MS);
  await untilEnded(id);
  clearTimeout(timer);
}

function signal(id: string, name: NodeJS.Signals): void {
  const { pid } = stateOf(id);
  if (pid === null) throw new DockerError(`Container ${id} is not running`);
  process.kill(pid, name);
}

async function untilEnded(id: string): Promise<number> {
  const file = join(home, id, 'exit');
  while (!existsSync(file)) {
    // Removed, it has ended as well, and nobody knows how.
    containerOf(id);
    await sleep(POLL_MS);
  }
  return Number(readFileSync(file, 'utf8'));
}

async function followLog(id: string): Promise<void> {
  let shown = 0;
  for (;;) {
    containerOf(id);
    const isOver = existsSync(join(home, id, 'exit'));
    const log = readFileSync(join(home, id, 'log'));
    process.stdout.write(log.subarray(shown));
    shown = log.length;
    if (isOver) return;
    await sleep(POLL_MS);
  }
}

function inspect(id: string): string {
  const { state, pid } = stateOf(id);
  if (pid !== null) return `${state === 'stopped' ? 'paused' : 'running'} ${pid} 0`;
  const file = join(home, id, 'exit');
  return existsSync(file) ? `exited 0 ${readFileSync(file, 'utf8').trim()}` : 'created 0 0';
}

/** Its process; without one it has ended, or was never started. */
function stateOf(id: string): {
  readonly state: 'running' | 'stopped' | 'ended';
  readonly pid: number | null;
} {
  containerOf(id);
  const file = join(home, id, 'pid');
  if (!existsSync(file) || existsSync(join(home, id, 'exit'))) return { state: 'ended', pid: null };
  const pid = Number(readFileSync(file, 'utf8'));
  const { state } = processStateOf({ pid, lastExit: null });
  return { state, pid: state === 'ended' ? null : pid };
}

function copy(from: string, to: string): void {
  const [id = '', path = ''] = from.split(':');
  containerOf(id);
  cpSync(join(home, id, path), to, { recursive: true });
}

function containers(): [string, Container][] {
  const ids = readdirSync(home).filter((name) => /^[0-9a-f]{64}$/.test(name));
  return ids.map((id) => [id, containerOf(id)]);
}

function containerOf(id: string): Container {
  const file = join(home, id, 'container.json');
  if (id === '' || !existsSync(file)) throw new DockerError(`Error: No such container: ${id}`);
  return JSON.parse(readFileSync(file, 'utf8')) as Container;
}

function matches(args: readonly string[], ...words: readonly string[]): boolean {
  return args.length === words.length && args.every((word, index) => word === words[index] && word !== '');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function refuse(): never {
  const words = args.join(' ');
  appendFileSync(join(home, 'refused'), `${words}\n`);
  throw new DockerError(`the stand-in for docker knows nothing of: docker ${words}`, REFUSED);
}
