import t from 'tap';
import { WireError } from '../wire/wire-error.ts';
import { PeerPreamble } from './peer-preamble.ts';

/** Understands two bytes at a time: 9 is not understood, 1 refuses, 2 passes with what was taken. */
function start() {
  const heard: number[][] = [];
  const refusals: string[] = [];
  const preamble = new PeerPreamble(
    { onBytes: (bytes) => heard.push([...bytes]), onDrain: () => undefined, onClosed: () => undefined },
    {
      step: (own) => {
        if (own.bytes.length < 2) return false;
        const taken = own.take(2);
        if (taken[0] === 9) throw new WireError('value', 'a nine');
        if (taken[0] === 1) refuse('a one');
        if (taken[0] === 2) own.pass(taken);
        return true;
      },
      refuse,
    },
  );
  function refuse(why: string): void {
    refusals.push(why);
    preamble.refuse();
  }
  return { preamble, heard, refusals };
}

await t.test('bytes gather until they are understood, and go through once it has passed', async (t) => {
  const { preamble, heard } = start();
  for (const chunk of [[5], [5, 5], [5, 2]]) preamble.onBytes(Uint8Array.from(chunk));
  t.same(heard, []);
  t.ok(preamble.isOpen);
  preamble.onBytes(Uint8Array.of(7, 8, 9));
  t.same(heard, [
    [2, 7],
    [8, 9],
  ]);
  t.ok(preamble.hasPassed);
  preamble.onBytes(Uint8Array.of(1));
  t.same(heard.at(-1), [1]);
});

for (const [first, why] of [
  [1, 'a one'],
  [9, 'a nine'],
] as const) {
  await t.test(`after ${why} nothing is heard, and nobody is refused twice`, async (t) => {
    const { preamble, heard, refusals } = start();
    preamble.onBytes(Uint8Array.of(first, 0, 1, 0, 2, 0));
    preamble.onBytes(Uint8Array.of(2, 0));
    t.match(refusals, [why]);
    t.equal(refusals.length, 1);
    t.same(heard, []);
    t.notOk(preamble.isOpen || preamble.hasPassed);
  });
}
