import { runScript, type DiskScript } from '../storage/disk-script.ts';
import { NodeDisk } from '../net/node-disk.ts';
import { StorageError } from '../storage/storage-error.ts';
import { parseArguments, USAGE, UsageError } from './arguments.ts';
import { COMMANDS } from './commands.ts';

/** docs/EXIT-CODES.md */
const ExitCode = { passed: 0, internal: 1, usage: 2, unusable: 3, damaged: 104 } as const;

async function main(args: readonly string[]): Promise<number> {
  const parsed = parseArguments(args);
  if (parsed.values.help) {
    print(USAGE.trimEnd());
    return ExitCode.passed;
  }
  const command = COMMANDS.get(parsed.command);
  if (command === undefined) {
    throw new UsageError(parsed.command === '' ? 'no command' : `there is no command ${parsed.command}`);
  }
  const { damage } = await run(command(parsed, print));
  for (const error of damage) process.stderr.write(`${error.message}\n`);
  return damage.length === 0 ? ExitCode.passed : ExitCode.damaged;
}

function run<T>(script: DiskScript<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    runScript(new NodeDisk(), script, (error, result) => {
      if (error !== null) reject(error);
      else resolve(result as T);
    });
  });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function exitCodeFor(error: unknown): number {
  if (error instanceof UsageError) return ExitCode.usage;
  if (!(error instanceof StorageError)) return ExitCode.internal;
  if (error.code === 'corrupt' || error.code === 'no-snapshot') return ExitCode.damaged;
  return error.code === 'unsupported' ? ExitCode.usage : ExitCode.unusable;
}

function describe(error: unknown): string {
  if (error instanceof UsageError) return `${error.message}\n\n${USAGE.trimEnd()}`;
  if (error instanceof StorageError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// Whoever reads has seen enough: `… | head`.
process.stdout.on('error', () => process.exit(ExitCode.passed));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exitCode = exitCodeFor(error);
}
