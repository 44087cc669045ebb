import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { runProgram } from './run-program.ts';
import type { CaseResult, ClientSuite } from './suite.ts';
import { sourcePath } from './testdata.ts';

/** The one that sees Debian's Python packages; another python3 may come first in PATH. */
const PYTHON = '/usr/bin/python3';
const TIMEOUT_MS = 120_000;

/** kazoo, the Python client, with its recipes: server/conformance/kazoo/checks.py. */
export const kazoo: ClientSuite = {
  name: 'kazoo',
  whyUnavailable: () => {
    if (!existsSync(PYTHON)) return `${PYTHON} does not exist`;
    const { status } = spawnSync(PYTHON, ['-c', 'import kazoo'], { env: {} });
    return status === 0 ? false : 'no kazoo for /usr/bin/python3 (Debian: apt-get install python3-kazoo)';
  },
  run: async (address) => {
    const { code, stdout, stderr } = await runProgram(PYTHON, [sourcePath('kazoo/checks.py'), address], {
      timeoutMs: TIMEOUT_MS,
    });
    if (code !== 0) throw new Error(`checks.py ended with ${code}:\n${stderr}`);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as CaseResult);
  },
};
