import type { Environment } from '../history/run-file.ts';
import { spreadOf } from './recoveries.ts';

/** By peer: what was measured in each round. */
export type PeersFigures = Map<string, number[]>;
/** By case and by peer: the operations a second of each round. */
export type PeersTable = Map<string, PeersFigures>;

export interface PeersProvenance {
  readonly servers: number;
  readonly rounds: number;
  readonly durationS: number;
  readonly warmupS: number;
  readonly seed: number;
  readonly connections: number;
  readonly valueBytes: number;
  readonly command: readonly string[];
  readonly environment: Environment;
}

const NONE = '—';

/** The medians, their ratios, and everything that is needed to measure them again. `gapsMs`: empty for one server. */
export function peersMarkdown(table: PeersTable, gapsMs: PeersFigures, provenance: PeersProvenance): string {
  return [rateTable(table), gapTable(gapsMs), howMeasured(gapsMs.size > 0, provenance), origin(provenance)]
    .filter((block) => block !== '')
    .join('\n\n')
    .concat('\n');
}

function rateTable(table: PeersTable): string {
  const rows = [...table].map(([label, peers]) => {
    const ours = median(peers.get('embedded'));
    const apache = median(peers.get('apache'));
    const limit = median(peers.get('null-flush') ?? peers.get('null'));
    const cells = [rate(ours), rate(apache), rate(limit), times(ours, apache), share(ours, limit)];
    return `| ${label} | ${cells.join(' | ')} |`;
  });
  return [
    '| case | Stampede, ops/s | Apache, ops/s | limit, ops/s | Stampede ÷ Apache | Stampede ÷ limit |',
    '| ---- | --------------: | ------------: | -----------: | ----------------: | ---------------: |',
    ...rows,
  ].join('\n');
}

function gapTable(gapsMs: PeersFigures): string {
  if (gapsMs.size === 0) return '';
  const rows = [
    ['Stampede', 'embedded'],
    ['Apache', 'apache'],
  ].map(([name = '', peer = '']) => {
    const spread = spreadOf(gapsMs.get(peer) ?? []);
    const cells =
      spread === null
        ? [NONE, NONE, NONE, '0']
        : [spread.median, spread.p90, spread.max].map(ms).concat(`${spread.rounds}`);
    return `| ${name} | ${cells.join(' | ')} |`;
  });
  return [
    '| leader killed (kill -9), no write for | median | p90 | max | kills |',
    '| -- | --: | --: | --: | --: |',
    ...rows,
  ].join('\n');
}

function howMeasured(hasGaps: boolean, provenance: PeersProvenance): string {
  const { servers, rounds, durationS, warmupS, seed, connections, valueBytes } = provenance;
  const isAlone = servers === 1;
  const each = isAlone ? 'One server each' : `${servers} servers each, the connections spread over them`;
  const limit = isAlone
    ? 'The limit is a bare Node process that parses, flushes each batch (writes only) and answers constants.'
    : 'The limit are bare Node processes that parse and answer constants; a write they forward to one of them, which ' +
      'sends it to the others in batches and has it flushed by a majority.';
  const gaps = hasGaps
    ? ' Leaders are killed under 500 writes a second at tickTime 2000; the gap is what clients saw.'
    : '';
  return (
    `${each}, ${valueBytes}-byte values, ${connections} connections × the operations in flight on each, flush ` +
    `before every acknowledgement. Medians of ${rounds} interleaved rounds of ${durationS} s after ${warmupS} s of ` +
    `warm-up, seed ${seed}. ${limit}${gaps} Every history of a real server was verified.`
  );
}

function origin({ environment, command }: PeersProvenance): string {
  const { cpu, memoryBytes, platform, kernel, disk, node, git } = environment;
  const name = command[0] === 'peers' ? 'bench:peers' : command[0];
  return [
    `- command: \`npm run ${name} -- ${command.slice(1).join(' ')}\``,
    `- machine: ${cpu.logical} × ${cpu.model}, ${Math.round(memoryBytes / 2 ** 30)} GiB, ` +
      `${platform} ${kernel}, ${disk?.type ?? 'unknown disk'}, Node ${node}`,
    `- commit: ${git?.revision.slice(0, 10) ?? 'unknown'}, ${new Date().toISOString().slice(0, 10)}`,
  ].join('\n');
}

function median(values: readonly number[] = []): number | null {
  return spreadOf(values)?.median ?? null;
}

function rate(value: number | null): string {
  return value === null ? NONE : Math.round(value).toLocaleString('en');
}

function times(a: number | null, b: number | null): string {
  return a === null || b === null ? NONE : `${(a / b).toFixed(2)} ×`;
}

function share(a: number | null, b: number | null): string {
  return a === null || b === null ? NONE : `${((100 * a) / b).toFixed(0)} %`;
}

function ms(value: number): string {
  return `${Math.round(value).toLocaleString('en')} ms`;
}
