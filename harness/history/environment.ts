import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { arch, cpus, platform, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import type { Environment } from './run-file.ts';

const execFileAsync = promisify(execFile);

/** Linux's file system magic numbers (statfs(2)) of those a database is found on, or must not be. */
const FILE_SYSTEMS = new Map<number, string>([
  [0xef53, 'ext4'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0x01021994, 'tmpfs'],
  [0x794c7630, 'overlay'],
  [0x6969, 'nfs'],
  [0x65735546, 'fuse'],
]);

/** Facts for run.json. A fact that can't be had is null or empty, never an error. */
export async function environmentOf(options: {
  readonly runDirectory: string;
  readonly projectDirectory: string;
}): Promise<Environment> {
  const processors = cpus();
  return {
    node: process.version,
    platform: platform(),
    arch: arch(),
    kernel: release(),
    cpu: { model: processors[0]?.model.trim() ?? '', logical: processors.length },
    memoryBytes: totalmem(),
    disk: await diskOf(options.runDirectory),
    git: await gitOf(options.projectDirectory),
  };
}

async function diskOf(directory: string): Promise<Environment['disk']> {
  try {
    const { type, bavail, bsize } = await statfs(directory);
    return { type: FILE_SYSTEMS.get(type) ?? `0x${type.toString(16)}`, freeBytes: bavail * bsize };
  } catch {
    return null;
  }
}

async function gitOf(directory: string): Promise<Environment['git']> {
  const git = (...words: string[]): Promise<{ stdout: string }> =>
    execFileAsync('git', ['-C', directory, ...words], { timeout: 2000 });
  try {
    const revision = await git('rev-parse', 'HEAD');
    const status = await git('status', '--porcelain', '--untracked-files=no');
    return { revision: revision.stdout.trim(), isDirty: status.stdout !== '' };
  } catch {
    return null;
  }
}
