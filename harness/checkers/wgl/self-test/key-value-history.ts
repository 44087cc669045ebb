import { Prng } from '../../../../server/base/prng.ts';
import type { Operation } from '../model.ts';
import { type RegisterInput, RegisterModel, type RegisterOutput } from '../models/register.ts';
import type { Partition } from '../wgl.ts';

export interface KeyValueOptions {
  readonly seed: number;
  readonly operations: number;
  readonly keys: number;
  readonly clients: number;
  /** Share of the writes and swaps that get no answer; half of these take effect, perhaps much later. */
  readonly unansweredRate: number;
  /** How many values are written to a key: few make many orders look alike. */
  readonly values: number;
  /**
   * One read, three quarters into it, sees a value that was overwritten before the read began, by a write that began
   * after that of the value had returned. If no value is written twice, no order explains that.
   */
  readonly isStale: boolean;
}

export type KeyValueOperation = Operation<RegisterInput, RegisterOutput> & { readonly key: number };

interface Asked {
  readonly key: number;
  readonly process: number;
  readonly callNs: number;
  readonly returnNs: number;
  /** When it takes effect; Infinity for never. */
  readonly atNs: number;
  readonly input: RegisterInput;
}

/** The history of clients that read, write and swap the values of keys: one of atomic registers, but for a stale read. */
export function keyValueHistory(options: KeyValueOptions): KeyValueOperation[] {
  const prng = new Prng(options.seed);
  const freeAtNs = new Float64Array(options.clients);
  const asked = Array.from({ length: options.operations }, (_, index): Asked => {
    const process = index % options.clients;
    const callNs = (freeAtNs[process] ?? 0) + prng.below(50_000);
    const returnNs = callNs + 10_000 + prng.below(prng.below(20) === 0 ? 2_000_000 : 200_000);
    freeAtNs[process] = returnNs + 1;
    const key = prng.below(options.keys);
    const roll = prng.below(10);
    const value = 1 + (options.values === Infinity ? index : prng.below(options.values));
    if (roll < 5)
      return { key, process, callNs, returnNs, atNs: between(callNs, returnNs), input: { kind: 'read' } };
    const input: RegisterInput =
      roll < 9 ? { kind: 'write', value } : { kind: 'swap', expected: 1 + prng.below(value), value };
    if (prng.next() >= options.unansweredRate) {
      return { key, process, callNs, returnNs, atNs: between(callNs, returnNs), input };
    }
    const atNs = prng.below(2) === 0 ? Infinity : between(callNs, callNs + 5_000_000);
    return { key, process, callNs, returnNs: Infinity, atNs, input };
  });
  const operations = answered(asked, options);
  return operations.toSorted((a, b) => a.callNs - b.callNs);

  function between(fromNs: number, toNs: number): number {
    return fromNs + Math.floor(prng.next() * (toNs - fromNs));
  }
}

/** @throws Error if there was no read that could be a stale one. */
function answered(asked: readonly Asked[], { keys, isStale }: KeyValueOptions): KeyValueOperation[] {
  const values = new Int32Array(keys);
  /** By key: when the write of the present value had returned. */
  const writtenNs = new Float64Array(keys);
  /** By key: the value before the present one, and since when nobody can see it any more. */
  const old = Array.from({ length: keys }, () => ({ value: 0, goneNs: Infinity }));
  let hasStale = !isStale;
  const operations = asked
    .toSorted((a, b) => a.atNs - b.atNs)
    .map(({ key, process, callNs, returnNs, atNs, input }, at): KeyValueOperation => {
      const held = values[key] ?? 0;
      const isDone = input.kind === 'read' || input.kind === 'write' || input.expected === held;
      let output: number | null = input.kind === 'read' ? held : Number(isDone);
      const before = old[key];
      if (input.kind !== 'read') {
        if (isDone && atNs !== Infinity) {
          old[key] = { value: held, goneNs: callNs > (writtenNs[key] ?? 0) ? returnNs : Infinity };
          values[key] = input.value;
          writtenNs[key] = returnNs;
        }
        if (returnNs === Infinity) output = null;
      } else if (!hasStale && at > asked.length * 0.75 && before !== undefined && before.goneNs < callNs) {
        hasStale = true;
        output = before.value;
      }
      // Made in one place, all are of one shape, which is what makes reading them cheap.
      return { key, process, callNs, returnNs, input, output };
    });
  if (!hasStale) throw new Error('no read of the history can be made a stale one');
  return operations;
}

/** Each key is an object of its own, in the order in which they are first met. */
export function byKey(operations: readonly KeyValueOperation[]): Partition<RegisterInput, RegisterOutput>[] {
  const keys = new Map<number, KeyValueOperation[]>();
  for (const operation of operations) {
    const others = keys.get(operation.key);
    if (others === undefined) keys.set(operation.key, [operation]);
    else others.push(operation);
  }
  return [...keys].map(([key, each]) => {
    return { name: `k${key}`, operations: each, newModel: () => new RegisterModel() };
  });
}
