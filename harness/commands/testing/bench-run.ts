import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseReport } from '../../history/report-parse.ts';
import type { Report } from '../../history/report-schema.ts';
import { type RunDirectory, runDirectoryAt } from '../../history/run-directory.ts';
import { CommandRun, type CommandRunOptions, isListening, isRunning } from './command-run.ts';

const SMALL = ['--keys', '200', '--connections', '4', '--depth', '8', '--warmup', '0.2'];

/** A small `bench`, or another such command, as a child process; `out` gets its run directory, and has no other. */
export class BenchRun extends CommandRun {
  readonly #out: string;

  constructor(out: string, args: readonly string[], options?: CommandRunOptions, command = 'bench') {
    super([command, ...SMALL, '--out', out, ...args], options);
    this.#out = out;
  }

  /** @throws Error unless there is exactly one. */
  get run(): RunDirectory {
    const names = readdirSync(this.#out);
    if (names.length !== 1) throw new Error(`${names.length} run directories`);
    return runDirectoryAt(join(this.#out, names[0] ?? ''));
  }

  get report(): Report {
    return parseReport(readFileSync(this.run.reportJson, 'utf8'));
  }

  get lastLine(): string {
    return this.stdout.trimEnd().split('\n').at(-1) ?? '';
  }

  /** Of the first server that it started. */
  get clientPort(): number {
    return this.#portsOf('1')[0] ?? 0;
  }

  /** Of all servers: for clients, and among themselves. */
  get ports(): number[] {
    return readdirSync(this.run.serversDirectory).flatMap((id) => this.#portsOf(id));
  }

  /** What it has left running. @throws Error if it was never seen to run anything. */
  async leftRunning(): Promise<string[]> {
    if (this.descendants.size < 2) throw new Error('neither a server nor a generator was seen');
    const processes = [...this.descendants].filter(isRunning).map((pid) => `process ${pid}`);
    const listening = await Promise.all(
      this.ports.map(async (port) => ((await isListening(port)) ? [`port ${port}`] : [])),
    );
    return [...processes, ...listening.flat()];
  }

  #portsOf(id: string): number[] {
    const config = readFileSync(join(this.run.serversDirectory, id, 'zoo.cfg'), 'utf8');
    const member = new RegExp(`^server\\.${id}=[^:]*:(\\d+):(\\d+)`, 'm').exec(config) ?? [];
    return [/^clientPort=(\d+)$/m.exec(config)?.[1], ...member.slice(1)].map(Number);
  }
}
