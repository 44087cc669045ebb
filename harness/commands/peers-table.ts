import type { Environment } from '../history/run-file.ts';

/** By case and by peer: the operations a second of each round. */
export type PeersTable = Map<string, Map<string, number[]>>;

export interface PeersProvenance {
  readonly rounds: number;
  readonly durationS: number;
  readonly warmupS: number;
  readonly seed: number;
  readonly connections: number;
  readonly valueBytes: number;
  readonly command: readonly string[];
  readonly environment: Environment;
}

/** The medians, their ratios, and everything that is needed to measure them again. */
export function peersMarkdown(table: PeersTable, provenance: PeersProvenance): string {
  const rows = [...table].map(([label, peers]) => {
    const ours = median(peers.get('embedded'));
    const apache = median(peers.get('apache'));
    const limit = median(peers.get('null-flush') ?? peers.get('null'));
    return (
      `| ${label} | ${rate(ours)} | ${rate(apache)} | ${rate(limit)} ` +
      `| ${(ours / apache).toFixed(2)} × | ${((100 * ours) / limit).toFixed(0)} % |`
    );
  });
  const { environment, rounds, durationS, warmupS, seed, connections, valueBytes } = provenance;
  return [
    '| case | Stampede, ops/s | Apache, ops/s | limit, ops/s | Stampede ÷ Apache | Stampede ÷ limit |',
    '| ---- | --------------: | ------------: | -----------: | ----------------: | ---------------: |',
    ...rows,
    '',
    `One server each, ${valueBytes}-byte values, ${connections} connections × the operations in flight on each, flush ` +
      `before every acknowledgement. Medians of ${rounds} interleaved rounds of ${durationS} s after ${warmupS} s of ` +
      `warm-up, seed ${seed}. The limit is a bare Node process that parses, flushes each batch (writes only) and ` +
      `answers constants. Every history of a real server was verified.`,
    '',
    `- command: \`npm run ${provenance.command[0] === 'peers' ? 'bench:peers' : provenance.command[0]} -- ${provenance.command.slice(1).join(' ')}\``,
    `- machine: ${environment.cpu.logical} × ${environment.cpu.model}, ${Math.round(environment.memoryBytes / 2 ** 30)} GiB, ` +
      `${environment.platform} ${environment.kernel}, ${environment.disk?.type ?? 'unknown disk'}, Node ${environment.node}`,
    `- commit: ${environment.git?.revision.slice(0, 10) ?? 'unknown'}, ${new Date().toISOString().slice(0, 10)}`,
    '',
  ].join('\n');
}

function median(values: readonly number[] = []): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

function rate(value: number): string {
  return Math.round(value).toLocaleString('en');
}
