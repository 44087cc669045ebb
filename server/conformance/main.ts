import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CLIENT_CONFIG } from './client-config.ts';
import { ALL_SUITES } from './clients/index.ts';
import type { ClientSuite } from './clients/suite.ts';
import { startTarget, TargetUnavailable } from './targets.ts';

const NAMES = ALL_SUITES.map((suite) => suite.name).join(',');
const USAGE = `usage: node dist/server/conformance/main.js --target T [--clients ${NAMES}]
  T is apache, ours, or host:port of a server that runs already. All clients by default.
exit code: 0 all passed, 2 usage, 3 the server could not be started, 99 a case failed`;

const { values: options } = parseArgs({
  options: {
    target: { type: 'string' },
    clients: { type: 'string', default: NAMES },
    'apache-classpath': { type: 'string' },
    help: { type: 'boolean' },
  },
});

process.exitCode = await main();

async function main(): Promise<number> {
  const names = options.clients.split(',');
  const suites = ALL_SUITES.filter((suite) => names.includes(suite.name));
  if (options.target === undefined || options.help === true || suites.length !== names.length) {
    console.error(USAGE);
    return 2;
  }
  const directory = mkdtempSync(join(tmpdir(), 'stampede-clients-'));
  try {
    return await judge(options.target, directory, suites);
  } catch (error) {
    if (!(error instanceof TargetUnavailable)) throw error;
    console.error(error.message);
    return 3;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function judge(name: string, directory: string, suites: readonly ClientSuite[]): Promise<number> {
  let failedTotal = 0;
  for (const suite of suites) {
    const unavailable = suite.whyUnavailable();
    if (unavailable !== false) {
      console.log(`${suite.name}: skipped, ${unavailable}`);
      continue;
    }
    // A server for each: the recordings are of a new one.
    const target = await startTarget(name, {
      directory: join(directory, suite.name),
      config: CLIENT_CONFIG,
      apacheClasspath: options['apache-classpath'],
    });
    try {
      failedTotal += await report(suite, target.name, target.address);
    } finally {
      await target.stop();
    }
  }
  return failedTotal === 0 ? 0 : 99;
}

async function report(suite: ClientSuite, targetName: string, address: string): Promise<number> {
  const results = await suite.run(address);
  const failed = results.filter((result) => !result.ok);
  for (const { name, detail } of failed) console.log(`${suite.name}: failed: ${name}\n${detail}`);
  console.log(
    `${suite.name} on ${targetName}: ${results.length - failed.length} passed, ${failed.length} failed`,
  );
  return failed.length;
}
