import { basename } from 'node:path';
import { z } from 'zod';
import { EnsembleError } from '../../ensemble/ensemble.ts';
import { proveCaughtUp } from '../catching-up.ts';
import {
  byteAt,
  type DataFileKind,
  dataFiles,
  emptyDataDirectory,
  flipBit,
  type FlippedBit,
} from '../data-files.ts';
import type { Fault } from '../fault.ts';
import { type ProcessField, processServerOf } from '../field.ts';
import { NoEffectError } from '../no-effect.ts';
import { proveEnded, proveServing } from '../proofs.ts';
import { victimsFault } from '../victims-fault.ts';

/** What became of a server that was started on a damaged file. */
type Outcome = { readonly id: number; readonly refusedWith: string | null };

/**
 * What all faults have in common by which a bit of a file changes while its server is down. The server may notice and not
 * start: then it gets an empty disk. It may start from what is intact. It may not serve what is wrong: that shows when
 * the trees of all servers are compared at the end of a run.
 */
export function bitFlipFault({ name, kind }: { readonly name: string; readonly kind: DataFileKind }): Fault {
  return victimsFault({
    name,
    doc: `a bit changes in a ${kind} of a server that is down; it must refuse that, or make up for it from the others`,
    needs: { serversMin: 3, files: true },
    effect: 'killed',
    toll: 'disks',
    lasts: { minMs: 100, maxMs: 4_000 },
    target: 'follower',
    targets: ['leader', 'follower'],
    params: {
      /** Which file, from the newest (0) on; counted around. */
      fileFromNewest: z.int().min(0).max(1000).default(0),
      /** Where in what was written of it, from 0 to 1. */
      at: z.number().min(0).max(1).default(0.5),
      bit: z.int().min(0).max(7).default(0),
    },
    draw: (prng) => ({
      fileFromNewest: prng.below(2),
      at: Math.round(prng.next() * 1e6) / 1e6,
      bit: prng.below(8),
    }),
    done: () => `with a bit of a ${kind} changed`,
    strike({ field, ids, owner }, { fileFromNewest, at, bit }) {
      const { holds } = field;
      const flipped = new Map<number, FlippedBit | null>();
      let outcomes: readonly Outcome[] = [];
      return {
        async inject() {
          await Promise.all(ids.map((id) => holds.takeDown(id, owner)));
          for (const id of ids) {
            const files = dataFiles(processServerOf(field, id).dataDir, kind).toReversed();
            const file = files[fileFromNewest % Math.max(1, files.length)];
            flipped.set(id, file === undefined ? null : flipBit(file, at, bit));
          }
        },
        async proveActive() {
          const evidence = ids.map((id) => describe(id, kind, flipped.get(id) ?? null));
          return [await proveEnded(field, ids), ...evidence].join('; ');
        },
        async heal(signal) {
          const started = await Promise.all(ids.map((id) => start(field, id, owner, signal)));
          // What is called again has nothing more to start.
          if (outcomes.length === 0) outcomes = started;
        },
        async proveHealed() {
          const ends = outcomes.map(({ id, refusedWith }) =>
            refusedWith === null
              ? `server ${id} started on what is intact`
              : `server ${id} refused to start (${refusedWith}), and was given an empty disk`,
          );
          return [...ends, await proveServing(field, ids), await proveCaughtUp(field, ids)].join('; ');
        },
      };
    },
  });
}

function describe(id: number, kind: DataFileKind, flipped: FlippedBit | null): string {
  if (flipped === null) throw new NoEffectError(`server ${id} has no ${kind} with anything in it`);
  const { file, offset, bit, before, after } = flipped;
  const now = byteAt(file, offset);
  const place = `byte ${offset} of ${basename(file)} of server ${id}`;
  if (now !== after)
    throw new NoEffectError(`${place} is 0x${now?.toString(16) ?? ''} and not 0x${after.toString(16)}`);
  return `bit ${bit} of ${place} changed: 0x${before.toString(16)} is 0x${after.toString(16)}`;
}

async function start(field: ProcessField, id: number, owner: object, signal: AbortSignal): Promise<Outcome> {
  const { holds } = field;
  try {
    await holds.bringUp(id, owner, signal);
    return { id, refusedWith: null };
  } catch (error) {
    const server = processServerOf(field, id);
    if (!(error instanceof EnsembleError) || server.pid !== null || signal.aborted) throw error;
    const refusedWith = `exit code ${server.lastExit?.code}: ${lastLineOf(server.logTail())}`;
    await holds.takeDown(id, owner);
    emptyDataDirectory(server.dataDir);
    await holds.bringUp(id, owner, signal);
    return { id, refusedWith };
  }
}

function lastLineOf(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
