import { arch, freemem, homedir, hostname, release, totalmem, type, userInfo } from 'node:os';
import type { ServerView } from './server-view.ts';

const MIB = 1 << 20;

/**
 * `envi`: what the server runs on. Apache's keys, without those of a JVM; kazoo reads the server's version from
 * the first. The maximum of memory is what this machine has, as nothing else bounds a Node process as a whole.
 */
export function environmentText(view: ServerView): string {
  const lines = environmentEntries(view).map(([key, value]) => `${key}=${value}\n`);
  return `Environment:\n${lines.join('')}`;
}

export function environmentEntries(view: ServerView): (readonly [string, string])[] {
  return [
    ['zookeeper.version', view.config.versionLine],
    ['host.name', hostname()],
    ['node.version', process.versions.node],
    ['os.name', type()],
    ['os.arch', arch()],
    ['os.version', release()],
    ['user.name', userName()],
    ['user.home', homedir()],
    ['user.dir', process.cwd()],
    ['os.memory.free', mebibytes(freemem())],
    ['os.memory.max', mebibytes(totalmem())],
    ['os.memory.total', mebibytes(process.memoryUsage.rss())],
  ];
}

function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / MIB)}MB`;
}

/** In a container a user may have a number and no name. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return '?';
  }
}
