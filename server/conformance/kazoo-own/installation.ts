import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export type KazooVersion = '2.8' | '2.11';

/** A kazoo with its tests, and what these import. */
interface Installation {
  readonly python: string;
  readonly modules: readonly string[];
  /** How to get it. */
  readonly remedy: string;
}

const MODULES = ['kazoo.tests', 'pytest', 'objgraph', 'gevent', 'eventlet', 'puresasl'];

const INSTALLATIONS: Readonly<Record<KazooVersion, Installation>> = {
  '2.8': {
    // The one that sees Debian's Python packages; another python3 may come first in PATH.
    python: '/usr/bin/python3',
    modules: [...MODULES, 'mock'],
    remedy:
      'Debian: apt-get install python3-kazoo python3-pytest python3-mock python3-objgraph python3-gevent python3-eventlet python3-pure-sasl',
  },
  '2.11': {
    python: join(homedir(), '.cache/stampede/kazoo-2.11.0/bin/python'),
    modules: [...MODULES, 'jks', 'OpenSSL'],
    remedy: '.ci/install-peers.sh puts it there, from PyPI',
  },
};

export function pythonOf(version: KazooVersion): string {
  return INSTALLATIONS[version].python;
}

/** Why the tests of that kazoo cannot be run here; false when they can. */
export function whyNotInstalled(version: KazooVersion): string | false {
  const { python, modules, remedy } = INSTALLATIONS[version];
  if (!existsSync(python)) return `${python} does not exist (${remedy})`;
  const { status } = spawnSync(python, ['-c', `import ${modules.join(',')}`], { env: {} });
  return status === 0 ? false : `a module of kazoo ${version}'s tests is missing (${remedy})`;
}
