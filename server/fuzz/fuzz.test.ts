import t from 'tap';
import { inputOf, shrink, tryInput } from './campaign.ts';
import { findingsOf } from './findings.ts';
import { check, type FuzzTarget } from './target.ts';
import { TARGETS } from './targets/index.ts';

const INPUTS = 300;

for (const target of TARGETS) {
  await t.test(`${target.name}: what once broke something, what was recorded, and some more`, async (t) => {
    const failures: string[] = [];
    for (const [name, input] of findingsOf(target.name)) {
      const finding = tryInput(target, input);
      if (finding !== null) failures.push(`${name}: ${finding.error.message}`);
    }
    t.ok(target.corpus.length > 0);
    for (let index = 0; index < target.corpus.length + INPUTS; index++) {
      const finding = tryInput(target, inputOf(target, { seed: 1, index }));
      if (finding !== null) failures.push(`input ${index} of seed 1: ${finding.error.stack}`);
    }
    t.same(failures, []);
  });
}

await t.test('a target that does not take everything is found out, and with how little', async (t) => {
  const target: FuzzTarget = {
    name: 'test',
    corpus: [new TextEncoder().encode('a corpus with an x in it')],
    run: (input) => check(!input.includes(0xff), 'cannot take 255'),
  };
  let finding = null;
  for (let index = 0; finding === null && index < 10_000; index++) {
    finding = tryInput(target, inputOf(target, { seed: 1, index }));
  }
  if (finding === null) {
    t.fail('nothing found');
    return;
  }
  t.same([...shrink(target, finding).input], [0xff]);
});

await t.test('an input is the same whenever it is asked for', async (t) => {
  for (const target of TARGETS) {
    const id = { seed: 7, index: target.corpus.length + 3 };
    t.same(inputOf(target, id), inputOf(target, id), target.name);
  }
});
