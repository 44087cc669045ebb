import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ProgramTimeout, runProgram } from './run-program.ts';
import type { CaseResult, ClientSuite } from './suite.ts';

const VERSION = '7.3.0';
/** What its integration tests import; pinned, because this runs in no lock file. */
const PACKAGES = [`zookeeper@${VERSION}`, 'ava@4.3.3', 'sinon@22.1.0'];
const BUILD_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 30_000;

/**
 * The npm package zookeeper, which wraps the C client, with its own integration tests. It is compiled on
 * installation (about half a minute), so it is no dependency of ours and lives in a temporary directory.
 */
export const zookeeper: ClientSuite = {
  name: 'zookeeper',
  whyUnavailable: () => {
    const missing = ['gcc', 'make', 'npm'].filter((program) => !isInPath(program));
    return missing.length === 0 ? false : `building the npm package zookeeper needs ${missing.join(' and ')}`;
  },
  run: async (address) => {
    const directory = mkdtempSync(join(tmpdir(), 'stampede-node-zookeeper-'));
    try {
      await install(directory);
      return await runIntegrationTests(join(directory, 'node_modules', 'zookeeper'), address);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

async function install(directory: string): Promise<void> {
  writeFileSync(join(directory, 'package.json'), '{ "private": true }\n');
  const { code, stderr } = await runProgram('npm', ['install', '--no-audit', '--no-fund', ...PACKAGES], {
    cwd: directory,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (code !== 0) throw new Error(`npm install ended with ${code}:\n${stderr.slice(-2000)}`);
}

async function runIntegrationTests(packageDirectory: string, address: string): Promise<CaseResult[]> {
  const ava = join(packageDirectory, '..', '.bin', 'ava');
  const files = readdirSync(join(packageDirectory, 'tests', 'integration')).filter((name) =>
    name.endsWith('.js'),
  );
  const patterns = files.map((name) => `tests/integration/${name}`);
  const options = { cwd: packageDirectory, timeoutMs: TEST_TIMEOUT_MS };
  try {
    const { stdout, stderr } = await runProgram(ava, [...patterns, '--tap', '--', address], options);
    const results = parseTap(stdout);
    if (results.length === 0) throw new Error(`ava reported no test:\n${stdout}${stderr}`);
    return results;
  } catch (error) {
    if (!(error instanceof ProgramTimeout)) throw error;
    // A test of theirs waits for ever for a request that fails; those that are through have been reported.
    return [...parseTap(error.stdout), { name: 'all tests end', ok: false, detail: error.message }];
  }
}

/** `ok 3 - title`, `not ok 4 - title` and the indented lines behind it. */
function parseTap(text: string): CaseResult[] {
  const results: { name: string; ok: boolean; detail: string }[] = [];
  for (const line of text.split('\n')) {
    const match = /^(not )?ok \d+ - (.*)$/.exec(line);
    const last = results.at(-1);
    if (match !== null) results.push({ name: match[2] ?? '', ok: match[1] === undefined, detail: '' });
    else if (last?.ok === false && line.startsWith('  ')) last.detail += `${line}\n`;
  }
  return results;
}

function isInPath(program: string): boolean {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  return directories.some((directory) => existsSync(join(directory, program)));
}
