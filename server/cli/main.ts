import { createInterface } from 'node:readline';
import { ConnectStringError } from '../../harness/client/connect-string.ts';
import { KeeperError, NoSessionError } from '../../harness/client/keeper-errors.ts';
import { CommandError, keeperErrorText } from './cli-error.ts';
import { helpText, runCommand } from './commands.ts';
import { Keeper } from './keeper.ts';
import { splitLine } from './split-line.ts';

/** As zkCli: 1 where the server has refused. The others as everywhere here; docs/EXIT-CODES.md. */
const ExitCode = { done: 0, refused: 1, usage: 2, unreachable: 3 } as const;
const DEFAULTS = { server: 'localhost:2181', timeoutMs: 30_000 };

interface Start {
  readonly server: string;
  readonly timeoutMs: number;
  /** Empty: commands are read from stdin. */
  readonly command: readonly string[];
}

/** Options come before the command: what follows it is the command's own. */
function parseStart(args: readonly string[]): Start {
  let { server, timeoutMs } = DEFAULTS;
  let at = 0;
  for (; args[at]?.startsWith('-') === true; at += 2) {
    const [option, value] = args.slice(at, at + 2);
    if (value === undefined) throw new CommandError(helpText());
    if (option === '-server') server = value;
    else if (option === '-timeout' && /^[1-9]\d{0,8}$/.test(value)) timeoutMs = Number(value);
    else throw new CommandError(`${helpText()}\nUnknown option ${option}; there are -server and -timeout`);
  }
  return { server, timeoutMs, command: args.slice(at) };
}

async function main(args: readonly string[]): Promise<number> {
  const { server, timeoutMs, command } = parseStart(args);
  process.stderr.write(`Connecting to ${server}\n`);
  const keeper = await Keeper.connect(server, timeoutMs);
  try {
    return command.length > 0 ? await runOne(keeper, command) : await runLines(keeper, server);
  } finally {
    await keeper.client.close();
  }
}

async function runOne(keeper: Keeper, words: readonly string[]): Promise<number> {
  try {
    const lines = await runCommand(keeper, words);
    if (lines.length > 0) process.stdout.write(`${lines.join('\n')}\n`);
    return ExitCode.done;
  } catch (error) {
    return complain(error);
  }
}

/** Until `quit` or the end of the input. Ends with what the last command ended with. */
async function runLines(keeper: Keeper, server: string): Promise<number> {
  const isTerminal = process.stdin.isTTY;
  const input = createInterface({ input: process.stdin, output: process.stdout, terminal: isTerminal });
  let code: number = ExitCode.done;
  let count = 0;
  const prompt = (): void => {
    if (!isTerminal) return;
    const state = keeper.client.isConnected ? 'CONNECTED' : 'CONNECTING';
    input.setPrompt(`[zk: ${server}(${state}) ${count}] `);
    input.prompt();
  };
  prompt();
  for await (const line of input) {
    const words = splitLine(line);
    if (words[0] === 'quit') break;
    if (words.length > 0) {
      code = await runOne(keeper, words);
      count++;
    }
    prompt();
  }
  input.close();
  return code;
}

/** Says what is wrong and returns the exit code for it. */
function complain(error: unknown): number {
  if (error instanceof KeeperError) {
    process.stderr.write(`${keeperErrorText(error)}\n`);
    return ExitCode.refused;
  }
  if (error instanceof CommandError || error instanceof ConnectStringError) {
    process.stderr.write(`${error.message}\n`);
    return ExitCode.usage;
  }
  if (!(error instanceof NoSessionError)) throw error;
  process.stderr.write(`${error.message}\n`);
  return ExitCode.unreachable;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = complain(error);
}
