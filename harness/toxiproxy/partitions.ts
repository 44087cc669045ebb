import type { Prng } from '../../server/base/prng.ts';

/** Bytes from one server to another. */
export interface Way {
  readonly from: number;
  readonly to: number;
}

/** Servers are ids; at least two of them, and none twice. */
type Servers = readonly number[];

/** Nothing gets from the one side to the other, nor back. */
export function between(one: Servers, other: Servers): Way[] {
  return one.flatMap((a) => other.flatMap((b) => (a === b ? [] : [way(a, b), way(b, a)])));
}

/** One on its own. */
export function isolated(servers: Servers, id: number): Way[] {
  return between(
    [id],
    servers.filter((other) => other !== id),
  );
}

/** It is heard by nobody, and hears all. */
export function muted(servers: Servers, id: number): Way[] {
  return servers.flatMap((other) => (other === id ? [] : [way(id, other)]));
}

/** It hears nobody, and is heard by all. */
export function deafened(servers: Servers, id: number): Way[] {
  return servers.flatMap((other) => (other === id ? [] : [way(other, id)]));
}

/** Two sides as equal as can be; of an odd number one has a majority. */
export function halves(servers: Servers, prng: Prng): Way[] {
  const mixed = shuffled(servers, prng);
  const middle = mixed.length >> 1;
  return between(mixed.slice(0, middle), mixed.slice(middle));
}

/** Two sides that do not reach each other, and one in the middle that reaches both. */
export function bridged(servers: Servers, prng: Prng): Way[] {
  const [, ...sides] = shuffled(servers, prng);
  const middle = sides.length >> 1;
  return between(sides.slice(0, middle), sides.slice(middle));
}

/**
 * Each reaches a majority, and no two the same one: all stand in a circle and reach their next neighbours on either side.
 * From five servers on; with fewer it would be everybody.
 */
export function majoritiesRing(servers: Servers, prng: Prng): Way[] {
  const circle = shuffled(servers, prng);
  const count = circle.length;
  // With itself a majority: half of the others, on both sides together.
  const reach = Math.ceil((count >> 1) / 2);
  const ways: Way[] = [];
  for (const [i, from] of circle.entries()) {
    for (const [j, to] of circle.entries()) {
      const distance = Math.min((i - j + count) % count, (j - i + count) % count);
      if (distance > reach) ways.push(way(from, to));
    }
  }
  return ways;
}

function way(from: number, to: number): Way {
  return { from, to };
}

function shuffled(servers: Servers, prng: Prng): number[] {
  const mixed = [...servers];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = prng.below(i + 1);
    [mixed[i], mixed[j]] = [mixed[j] as number, mixed[i] as number];
  }
  return mixed;
}
