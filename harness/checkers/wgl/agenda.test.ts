import t from 'tap';
import { Prng } from '../../../server/base/prng.ts';
import { Agenda, Class } from './agenda.ts';
import { type RegisterInput, RegisterModel, type RegisterOutput } from './models/register.ts';
import { simulatedHistory } from './self-test/simulated.ts';
import { SUBJECTS } from './self-test/subjects.ts';
import { registerText } from './self-test/texts.ts';
import { timeline } from './self-test/timeline.ts';

function agendaOf(...lines: string[]): Agenda<RegisterInput, RegisterOutput> {
  return new Agenda(timeline(lines, registerText), new RegisterModel());
}

await t.test('what was called until the first return may come next, by class', async (t) => {
  const agenda = agendaOf('[w1  ]     ', ' [r1]  [r2]', '  [w3  >', '     [w2 ] ');
  t.same([...agenda.classes], [Class.update, Class.observation, Class.open, Class.update, Class.observation]);
  t.equal(agenda.first, 1);
  t.equal(agenda.limit, 3, 'the read returns before the last two are called');
  agenda.place(1);
  t.equal(agenda.first, 0);
  t.equal(agenda.limit, 4, 'a call at the time of a return comes before it');
  t.equal(agenda.firstOf(Class.open), 2);
});

await t.test('operations that touch each other have bits of their own', async (t) => {
  const agenda = agendaOf('[w1 ]', '    [w2 ]');
  agenda.place(1);
  t.same([...agenda.mask], [0b10]);
});

await t.test('more than 32 that never return have bits of their own', async (t) => {
  const agenda = agendaOf(...Array.from({ length: 40 }, () => '[w1 >'), '[w2 ]');
  t.equal(agenda.maskWords, 2);
  for (let number = 0; number < 40; number++) agenda.place(number);
  t.same([...agenda.mask], [-1, 0xff]);
});

await t.test('taking back undoes placing, whatever was placed', async (t) => {
  for (let seed = 0; seed < 200; seed++) {
    const prng = new Prng(seed);
    const subject = SUBJECTS[seed % SUBJECTS.length];
    if (subject === undefined) throw new Error('there are subjects');
    const operations = simulatedHistory(subject, prng, { size: 30, processes: 5 });
    const agenda = new Agenda(operations, subject.newModel());
    const shown = (): unknown => {
      const firsts = Object.values(Class).map((kind) => agenda.firstOf(kind));
      return [agenda.first, agenda.limit, agenda.rankOfFirst, [...agenda.mask], firsts];
    };
    const before: unknown[] = [];
    const placed: number[] = [];
    const isPlaced = new Set<number>();
    for (;;) {
      const candidates = operations.flatMap((_, number) =>
        number < agenda.limit && !isPlaced.has(number) ? [number] : [],
      );
      const number = candidates[prng.below(candidates.length)];
      if (number === undefined) break;
      before.push(shown());
      agenda.place(number);
      placed.push(number);
      isPlaced.add(number);
    }
    t.equal(placed.length, operations.length);
    for (const number of placed.toReversed()) {
      agenda.takeBack(number);
      const expected = before.pop();
      if (JSON.stringify(shown()) !== JSON.stringify(expected)) t.fail(`seed ${seed}`);
    }
  }
});
