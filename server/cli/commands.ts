import { parseArgs, type ParseArgsConfig } from 'node:util';
import { OPEN_ACL } from '../../harness/client/client.ts';
import { KeeperError } from '../../harness/client/keeper-errors.ts';
import { DEFAULT_VERSION_LINE } from '../version.ts';
import type { Stat } from '../wire/records/stat.ts';
import { CreateMode } from '../wire/records/create.ts';
import { aclLines, parseAcl } from './acl-text.ts';
import { CommandError } from './cli-error.ts';
import type { Keeper } from './keeper.ts';
import { statLines } from './stat-text.ts';

type Options = Readonly<Record<string, string | boolean | undefined>>;

interface Invocation {
  readonly keeper: Keeper;
  readonly operands: readonly string[];
  readonly options: Options;
}

interface Command {
  /** As zkCli prints it where the command was not understood. */
  readonly usage: string;
  readonly operandsMin: number;
  /** Letters of options; those with a value are followed by a colon. */
  readonly options: string;
  /** What it prints, line by line. */
  readonly run: (invocation: Invocation) => Promise<readonly string[]>;
}

const NO_NODE = -101;

export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['addauth', { usage: 'addauth scheme auth', operandsMin: 1, options: '', run: addAuth }],
  [
    'create',
    {
      usage: 'create [-s] [-e] [-c] [-t ttl] path [data] [acl]',
      operandsMin: 1,
      options: 'sect:',
      run: create,
    },
  ],
  ['delete', { usage: 'delete [-v version] path', operandsMin: 1, options: 'v:', run: remove }],
  ['deleteall', { usage: 'deleteall path', operandsMin: 1, options: '', run: removeAll }],
  ['get', { usage: 'get [-s] path', operandsMin: 1, options: 's', run: get }],
  ['getAcl', { usage: 'getAcl [-s] path', operandsMin: 1, options: 's', run: getAcl }],
  ['getEphemerals', { usage: 'getEphemerals path', operandsMin: 0, options: '', run: getEphemerals }],
  ['ls', { usage: 'ls [-s] [-R] path', operandsMin: 1, options: 'sR', run: list }],
  ['quit', { usage: 'quit ', operandsMin: 0, options: '', run: () => Promise.resolve([]) }],
  ['set', { usage: 'set [-s] [-v version] path data', operandsMin: 2, options: 'sv:', run: set }],
  ['setAcl', { usage: 'setAcl [-s] [-v version] path acl', operandsMin: 2, options: 'sv:', run: setAcl }],
  ['stat', { usage: 'stat path', operandsMin: 1, options: '', run: stat }],
  ['sync', { usage: 'sync path', operandsMin: 1, options: '', run: sync }],
  ['version', { usage: 'version ', operandsMin: 0, options: '', run: version }],
  ['whoami', { usage: 'whoami ', operandsMin: 0, options: '', run: whoAmI }],
]);

/**
 * Carries out one command.
 *
 * @throws CommandError if it was not understood; KeeperError if the server has refused.
 */
export function runCommand(
  keeper: Keeper,
  [name = '', ...args]: readonly string[],
): Promise<readonly string[]> {
  const command = COMMANDS.get(name);
  if (command === undefined)
    throw new CommandError(`${helpText()}\nCommand not found: Command not found ${name}`);
  const { operands, options } = parse(command, args);
  const first = operands[0];
  if (name !== 'addauth' && first !== undefined && !first.startsWith('/')) {
    throw new CommandError(`Path must start with / character`);
  }
  return command.run({ keeper, operands, options });
}

/** The commands there are. */
export function helpText(): string {
  const lines = [...COMMANDS.values()].map(({ usage }) => `\t${usage}`);
  return ['ZooKeeper -server host:port cmd args', ...lines].join('\n');
}

function parse(command: Command, args: readonly string[]): { operands: readonly string[]; options: Options } {
  const known: NonNullable<ParseArgsConfig['options']> = {};
  for (const [, letter = '', colon] of command.options.matchAll(/(\w)(:?)/g)) {
    known[letter] = { type: colon === ':' ? 'string' : 'boolean', short: letter };
  }
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: known, allowPositionals: true });
    if (positionals.length < command.operandsMin) throw new CommandError(command.usage);
    return { operands: positionals, options: values as Options };
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(command.usage, { cause: error });
  }
}

async function addAuth({ keeper, operands: [scheme = '', auth = ''] }: Invocation): Promise<string[]> {
  await keeper.client.addAuth(scheme, auth);
  return [];
}

async function create({ keeper, operands, options }: Invocation): Promise<string[]> {
  const [path = '', text, aclText] = operands;
  const data = text === undefined ? null : Buffer.from(text);
  const acl = aclText === undefined ? OPEN_ACL : parseAcl(aclText);
  const { s: isSequential = false, e: isEphemeral = false, c: isContainer = false, t: ttlText } = options;
  if (isContainer && (isSequential || isEphemeral))
    throw new CommandError(
      '-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.',
    );
  if (ttlText !== undefined && (isEphemeral || isContainer))
    throw new CommandError('TTLs cannot be used with Ephemeral or Container znodes');
  if (isContainer) return [`Created ${await keeper.createContainer(path, data, acl, CreateMode.container)}`];
  if (ttlText !== undefined) {
    const ttl = intOf(String(ttlText));
    const flags = isSequential ? CreateMode.persistentSequentialWithTtl : CreateMode.persistentWithTtl;
    return [`Created ${await keeper.createTtl(path, data, { acl, flags, ttl })}`];
  }
  const flags =
    (isEphemeral ? CreateMode.ephemeral : 0) | (isSequential ? CreateMode.persistentSequential : 0);
  return [`Created ${(await keeper.client.create(path, data, { flags, acl })).path}`];
}

async function remove({ keeper, operands: [path = ''], options }: Invocation): Promise<string[]> {
  await keeper.client.delete(path, versionOf(options));
  return [];
}

/** Children first. What others remove or add meanwhile makes it end as it does in zkCli: with the error. */
async function removeAll({ keeper, operands: [path = ''] }: Invocation): Promise<string[]> {
  const paths = await subtree(keeper, path);
  for (const each of paths.toReversed()) await keeper.client.delete(each);
  return [];
}

async function get({ keeper, operands: [path = ''], options }: Invocation): Promise<string[]> {
  const { data, stat } = await keeper.client.getData(path);
  return [data === null ? 'null' : Buffer.from(data).toString(), ...statOf(options, stat)];
}

async function getAcl({ keeper, operands: [path = ''], options }: Invocation): Promise<string[]> {
  const { acl, stat } = await keeper.client.getAcl(path);
  return [...aclLines(acl), ...statOf(options, stat)];
}

async function getEphemerals({ keeper, operands: [path = '/'] }: Invocation): Promise<string[]> {
  return [`[${(await keeper.ephemerals(path)).sort().join(', ')}]`];
}

async function list({ keeper, operands: [path = ''], options }: Invocation): Promise<string[]> {
  if (options['R'] === true) return subtree(keeper, path);
  const { children, stat } = await keeper.client.getChildren(path);
  return [`[${[...children].sort().join(', ')}]`, ...statOf(options, stat)];
}

async function set({ keeper, operands: [path = '', text = ''], options }: Invocation): Promise<string[]> {
  return statOf(options, await keeper.client.setData(path, Buffer.from(text), versionOf(options)));
}

async function setAcl({ keeper, operands: [path = '', text = ''], options }: Invocation): Promise<string[]> {
  return statOf(options, await keeper.client.setAcl(path, parseAcl(text), versionOf(options)));
}

async function stat({ keeper, operands: [path = ''] }: Invocation): Promise<string[]> {
  const found = await keeper.client.exists(path);
  if (found === null) throw new KeeperError(NO_NODE, path);
  return statLines(found);
}

async function sync({ keeper, operands: [path = ''] }: Invocation): Promise<string[]> {
  await keeper.client.sync(path);
  return ['Sync is OK'];
}

function version(): Promise<string[]> {
  return Promise.resolve([`ZooKeeper CLI version: ${DEFAULT_VERSION_LINE}`]);
}

async function whoAmI({ keeper }: Invocation): Promise<string[]> {
  const identities = await keeper.identities();
  return ['Auth scheme: User', ...identities.map(({ authScheme, user }) => `${authScheme}: ${user ?? ''}`)];
}

/** A node and all below it, level by level, each sorted by its name. */
async function subtree(keeper: Keeper, root: string): Promise<string[]> {
  const paths = [root];
  for (let at = 0; at < paths.length; at++) {
    const path = paths[at] as string;
    try {
      const { children } = await keeper.client.getChildren(path);
      for (const name of [...children].sort()) paths.push(path === '/' ? `/${name}` : `${path}/${name}`);
    } catch (error) {
      // Gone since its parent was asked.
      if (at === 0 || !(error instanceof KeeperError) || error.code !== NO_NODE) throw error;
    }
  }
  return paths;
}

function statOf(options: Options, stat: Stat): string[] {
  return options['s'] === true ? statLines(stat) : [];
}

function versionOf(options: Options): number {
  return options['v'] === undefined ? -1 : intOf(String(options['v']));
}

function intOf(text: string): number {
  if (!/^-?\d{1,15}$/.test(text)) throw new CommandError(`For input string: "${text}"`);
  return Number(text);
}
