import type { CheckerResult } from '../history/verification.ts';
import { FindingLog } from '../checkers/finding-log.ts';
import type { Exchange } from '../transcript/happening.ts';
import { exchangesBelow } from './exchanges.ts';
import { fateOf } from './fate.ts';
import type { Participant } from './participant.ts';
import { dataIn, isDone, setStatIn } from './read-reply.ts';
import type { Recipe, RecipeRun, Step } from './recipe.ts';

const REGISTERS = 5;

/**
 * Some znodes that are read, overwritten, and changed only as they were read (compare and set by their version), as
 * offsets, leases and settings are.
 */
export const register: Recipe = {
  name: 'register',
  doc: 'few znodes that are read, written, and compared and set by their version',
  participants: 6,
  rate: 30,

  async prepare(participant) {
    for (let i = 0; i < REGISTERS; i++) {
      await participant.insist((client) => client.create(pathOf(participant, i), participant.unique()));
    }
  },

  join: (participant): Step => {
    const { prng } = participant;
    return async () => {
      const path = pathOf(participant, prng.below(REGISTERS));
      const draw = prng.next();
      if (draw < 0.3) {
        await participant.attempt((client) => client.setData(path, participant.unique()));
        return;
      }
      const read = await participant.attempt((client) => client.getData(path));
      if (draw < 0.6 || read.outcome !== 'ok') return;
      const { version } = read.value.stat;
      await participant.attempt((client) => client.setData(path, participant.unique(), version));
    };
  },

  async conclude(participant) {
    for (let i = 0; i < REGISTERS; i++) {
      const path = pathOf(participant, i);
      await participant.insist((client) => client.sync(path));
      await participant.insist((client) => client.getData(path));
    }
  },

  check,
};

function pathOf({ root }: Participant, i: number): string {
  return `${root}/r${i}`;
}

interface Write {
  readonly exchange: Exchange;
  readonly path: string;
  /** That it made: as its writer was told, or else as it was read. Null if nobody knows. */
  version: number | null;
}

/**
 * Each version of a register is one write's, and what anybody read in it is what that write wrote; a write that was
 * compared and set made the version after the one it had read; nobody reads what is not yet asked for, or a version older
 * than one it has seen or made; and what is there in the end is not older than anything acknowledged.
 */
function check({ happenings, root }: RecipeRun): CheckerResult {
  const startedMs = performance.now();
  const exchanges = exchangesBelow(root, happenings);
  const log = new FindingLog();
  const writes = writesIn(exchanges);
  checkReads(exchanges, writes, log);
  checkVersions([...writes.values()], log);
  checkOrder(exchanges, log);
  checkEnd(exchanges, [...writes.values()], log);
  return log.result({
    name: 'register',
    opsChecked: exchanges.length,
    durationMs: performance.now() - startedMs,
  });
}

/** By what was written: no two write the same. */
function writesIn(exchanges: readonly Exchange[]): Map<string, Write> {
  const writes = new Map<string, Write>();
  for (const exchange of exchanges) {
    const { op } = exchange;
    const isCreate = op?.f === 'create2';
    if ((!isCreate && op?.f !== 'setData') || fateOf(exchange) === 'refused') continue;
    writes.set(textOf(op.data), { exchange, path: op.path, version: isCreate ? 0 : versionIn(exchange) });
  }
  return writes;
}

function checkReads(
  exchanges: readonly Exchange[],
  writes: ReadonlyMap<string, Write>,
  log: FindingLog,
): void {
  for (const exchange of exchanges) {
    const { op } = exchange;
    const read = dataIn(exchange);
    if (op?.f !== 'getData' || read === null) continue;
    const { text, stat } = read;
    const write = writes.get(text);
    if (write?.path !== op.path) {
      const explanation = `${op.path} was read as "${text}", which nobody wrote there`;
      log.invalid('read of what was not written', explanation, [exchange]);
      continue;
    }
    if (write.exchange.sentNs >= (exchange.reply?.receivedNs ?? 0)) {
      const explanation = `${op.path} was read as "${text}" before anybody had asked to write it`;
      log.invalid('read before it was written', explanation, [exchange, write.exchange]);
    }
    if (write.version !== null && write.version !== stat.version) {
      const explanation = `"${text}" was read as version ${stat.version} of ${op.path}, and is version ${write.version}`;
      log.invalid('value in another version', explanation, [write.exchange, exchange]);
    }
    write.version ??= stat.version;
  }
}

function checkVersions(writes: readonly Write[], log: FindingLog): void {
  const byVersion = new Map<string, Exchange>();
  for (const { exchange, path, version } of writes) {
    if (version === null) continue;
    const key = `version ${version} of ${path}`;
    const other = byVersion.get(key);
    if (other !== undefined) log.invalid('version given twice', `two writes made ${key}`, [other, exchange]);
    byVersion.set(key, exchange);
    const { op } = exchange;
    if (op?.f === 'setData' && op.version !== -1 && version !== op.version + 1) {
      const explanation = `a write for version ${op.version} of ${path} made version ${version}`;
      log.invalid('compared with another version', explanation, [exchange]);
    }
  }
}

/** Replies of one session come in the order of its requests. */
function checkOrder(exchanges: readonly Exchange[], log: FindingLog): void {
  /** By session and path. */
  const seen = new Map<string, { readonly exchange: Exchange; readonly version: number }>();
  for (const exchange of exchanges) {
    const { op, session } = exchange;
    const version = dataIn(exchange)?.stat.version ?? versionIn(exchange);
    if (version === null || op === null || !('path' in op)) continue;
    const key = `${session} ${op.path}`;
    const before = seen.get(key);
    if (before !== undefined && before.version > version) {
      const explanation = `a session was told of version ${version} of ${op.path} after version ${before.version}`;
      log.invalid('time went back', explanation, [before.exchange, exchange]);
    }
    seen.set(key, { exchange, version });
  }
}

/** Whoever concludes has synchronised before, so its reads are no old ones. */
function checkEnd(exchanges: readonly Exchange[], writes: readonly Write[], log: FindingLog): void {
  const last = new Map<string, Exchange>();
  for (const exchange of exchanges) {
    if (exchange.op?.f === 'getData' && isDone(exchange)) last.set(exchange.op.path, exchange);
  }
  for (const { exchange, path, version } of writes) {
    const end = last.get(path);
    const read = end === undefined ? null : dataIn(end);
    if (end === undefined || read === null || end.sentNs < exchange.sentNs) {
      log.unknown('not read in the end', `${path} was not read in the end`, [exchange]);
    } else if (version !== null && read.stat.version < version) {
      const explanation = `version ${version} of ${path} was made, and in the end there is ${read.stat.version}`;
      log.invalid('lost write', explanation, [exchange, end]);
    }
  }
}

function versionIn(exchange: Exchange): number | null {
  return setStatIn(exchange)?.version ?? null;
}

function textOf(data: Uint8Array | null): string {
  return Buffer.from(data ?? []).toString('utf8');
}
