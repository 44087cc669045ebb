import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { findApache } from '../../../harness/ensemble/find-apache.ts';
import { runProgram } from '../clients/run-program.ts';

const TIMEOUT_MS = 60_000;
const TXN_LOG_TOOLKIT = 'org.apache.zookeeper.server.persistence.TxnLogToolkit';
const SNAPSHOT_FORMATTER = 'org.apache.zookeeper.server.SnapshotFormatter';

/** What one of Apache's own tools made of one file. */
export interface ToolReport {
  readonly file: string;
  readonly code: number | null;
  readonly output: string;
}

/**
 * Has Apache's TxnLogToolkit read every log of a data directory, and its SnapshotFormatter every snapshot.
 * @throws Error when there is no Apache here.
 */
export async function readWithApacheTools(dataDir: string): Promise<ToolReport[]> {
  const directory = join(dataDir, 'version-2');
  const reports: ToolReport[] = [];
  for (const file of readdirSync(directory).sort()) {
    const path = join(directory, file);
    // -d shows the data; without it nothing of a create but its path would have to be readable.
    if (file.startsWith('log.')) reports.push(await run(file, [TXN_LOG_TOOLKIT, '-d', path]));
    if (file.startsWith('snapshot.')) reports.push(await run(file, [SNAPSHOT_FORMATTER, path]));
  }
  return reports;
}

async function run(file: string, args: readonly string[]): Promise<ToolReport> {
  const search = findApache();
  if (!search.found) throw new Error(search.why);
  const { java, classpath } = search.apache;
  const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx128m', '-cp', classpath];
  const { code, stdout, stderr } = await runProgram(java, [...flags, ...args], { timeoutMs: TIMEOUT_MS });
  return { file, code, output: `${stdout}${stderr}` };
}
