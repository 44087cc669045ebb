import t from 'tap';
import type { Model, Operation } from './model.ts';
import { type CounterInput, CounterModel, type CounterOutput } from './models/counter.ts';
import { MutexModel } from './models/mutex.ts';
import { QueueModel } from './models/queue.ts';
import { type RegisterInput, RegisterModel, type RegisterOutput } from './models/register.ts';
import { SetModel } from './models/set.ts';
import { VersionedRegisterModel } from './models/versioned-register.ts';
import { ZnodeModel } from './models/znode.ts';
import { isLinearizable } from './self-test/brute-force.ts';
import {
  counterText,
  mutexText,
  queueText,
  registerText,
  setText,
  versionedRegisterText,
  znodeText,
} from './self-test/texts.ts';
import { timeline } from './self-test/timeline.ts';
import { checkLinearizable, type Partition, Wgl } from './wgl.ts';

type Timelines = Readonly<Record<string, readonly string[]>>;

/** Holds each drawing to `verdict`, and the brute force to the same where it isn't too long for that. */
async function judged<Input, Output>(
  verdict: 'valid' | 'invalid',
  newModel: () => Model<Input, Output>,
  parse: (text: string) => Pick<Operation<Input, Output>, 'input' | 'output'>,
  timelines: Timelines,
): Promise<void> {
  for (const [title, lines] of Object.entries(timelines)) {
    await t.test(`${newModel().constructor.name}, ${verdict}: ${title}`, async (t) => {
      const operations = timeline(lines, parse);
      const result = checkLinearizable([{ name: 'x', operations, newModel }]);
      t.equal(result.verdict, verdict);
      t.equal(isLinearizable(operations, newModel()), verdict === 'valid');
      t.equal(result.violation !== null, verdict === 'invalid');
    });
  }
}

const newRegister = (): RegisterModel => new RegisterModel();
await judged('valid', newRegister, registerText, {
  'nothing at all': [''],
  'one after the other': ['[w1] [r1] [w2] [r2]'],
  'the initial value': ['[r0]'],
  'a read beside a write sees the old value': ['[ w1     ]', '   [r0]   '],
  'a read beside a write sees the new value': ['[ w1     ]', '   [r1]   '],
  'reads beside a write see the old and then the new': ['[ w1            ]', '  [r0]  [r1]     '],
  'two writes at once, in the order that the reads show': ['[ w1   ]', '[ w2   ]', '          [r1] [r1]'],
  'intervals that touch are concurrent': ['[w1 ]', '    [r0]'],
  'an unanswered write is seen late': ['[w1 >', '  [r0] [r0]   [r1]'],
  'an unanswered write is never seen': ['[w1 >', '  [r0] [r0]   [r0]'],
  'swaps that form a chain': ['[ c2,3   ]', '[ c0,1   ]', '[ c1,2   ]', '           [r3]'],
  'a refused swap sees another value': ['[w1]  [c0,2!] [r1]'],
  'an unanswered swap explains what is read': ['[w1] [c1,5?>', '               [r5]'],
  'an unanswered read says nothing': ['[w1] [r?>', '      [r1]'],
});
await judged('invalid', newRegister, registerText, {
  'a stale read': ['[w1] [w2]', '          [r1]'],
  'a value that nobody wrote': ['[w1] [r7]'],
  'a read from the future': ['[r1] ', '       [w1]'],
  'reads beside a write see the new and then the old': ['[ w1            ]', '  [r1]  [r0]     '],
  'two readers see two writes in different orders': [
    '[ w1  ]                ',
    '[ w2  ]                ',
    '        [r1]  [r2]     ',
    '        [r1]  [r2]  [r1]',
  ],
  'two swaps of one value': ['[ c0,1 ]', '[ c0,2 ]'],
  'a refused swap of what it held': ['[w1] [c1,2!] [r1]'],
  'an unanswered write taken back': ['[w1 >', '  [r1] [r0]'],
  'an unanswered write seen before it was asked for': ['       [w1 >', '[r1]        '],
  'one unanswered write is seen twice': ['[w1 >', '   [r1] [w2] [r1]'],
});

const newVersioned = (): VersionedRegisterModel => new VersionedRegisterModel();
await judged('valid', newVersioned, versionedRegisterText, {
  'versions one after the other': ['[w5@1] [w6@2] [r6@2]'],
  'the versions say in which order two writes were': ['[ w5@2  ]', '[ w6@1  ]', '           [r5@2]'],
  'a conditional write': ['[w5@1] [w6 if 1@2]'],
  'the second of two conditional writes is refused': ['[ w5 if 0@1 ]', '[ w6 if 0!  ]'],
  'an unanswered write explains the gap in the versions': ['[w5?>', '       [w6@2] [r6@2]'],
  'an unanswered conditional write that was refused': ['[w5@1]', '        [w6 if 0?>', '   [r5@1]'],
});
await judged('invalid', newVersioned, versionedRegisterText, {
  'two writes get one version': ['[ w5@1 ]', '[ w6@1 ]'],
  'both of two conditional writes succeed': ['[ w5 if 0@1 ]', '[ w6 if 0@? ]'],
  'a gap in the versions': ['[w5@1] [w6@3]'],
  'the value of one write with the version of another': ['[w5@1] [w6@2]', '              [r5@2]'],
  'a version goes back': ['[w5@1] [w6@2]', '              [r5@1]'],
  'a write that fit is refused': ['[w5@1] [w6 if 1!]'],
});

const newZnode = (): ZnodeModel => new ZnodeModel();
await judged('valid', newZnode, znodeText, {
  'a life': ['[create 5] [set 6@1] [read 6@1] [del] [read gone]'],
  'it is made again, with version 0': ['[create 5] [set 6@1] [del] [create 7] [read 7@0]'],
  'one of two creates is refused': ['[ create 5             ]', '[ create 6 !nodeExists ]', '    [read 5@0]'],
  'a delete and a conditional setData at once': [
    '[create 5] [ del              ]',
    '           [ set 6 !noNode    ]',
  ],
  'a node with children is not deleted': ['[create 5] [del !notEmpty] [read 5@0]'],
  'a refused version': ['[create 5] [set 6@1] [set 7 if 0 !badVersion] [del if 0 !badVersion] [read 6@1]'],
  'an unanswered delete': ['[create 5] [del ?>', '              [read 5@0]     [read gone]'],
  'an unanswered create': ['[create 5 ?>', '    [read gone]   [set 6@1]'],
  'a multi checks, deletes and makes': ['[create 5] [check 0 + del + create 6] [read 6@0]'],
  'a multi that would have failed, unanswered': [
    '[create 5] [set 6@1]',
    '           [check 7 ? + del ?>',
    '    [read 6@1]',
  ],
});
await judged('invalid', newZnode, znodeText, {
  'it is made twice': ['[ create 5 ]', '[ create 6 ]'],
  'it is there after its delete': ['[create 5] [del] [read 5@0]'],
  'it is gone without a delete': ['[create 5] [read gone]'],
  'it is deleted twice': ['[create 5] [ del ]', '           [ del ]'],
  'a delete that was refused for its version, which fit': ['[create 5] [del if 0 !badVersion]'],
  'made again, it goes on with its versions': ['[create 5] [set 6@1] [del] [create 7] [read 7@2]'],
  'one read shows the half of a multi': [
    '[create 5] [ set 6@1 + set 7@2    ]',
    '                   [read 6@1]',
  ],
  'a refused create of a node that is not there': ['[create 5 !nodeExists]'],
  'a check of a version that it has not': ['[create 5] [check 3 + set 6@1]'],
});

const newCounter = (): CounterModel => new CounterModel();
await judged('valid', newCounter, counterText, {
  'additions at once': ['[ +1=3   ]', '[ +2=2   ]', '           [r3]'],
  'an unanswered addition counts': ['[+2=? >', '      [r0] [r2]'],
  'two of three unanswered additions count': ['[+1=? >', '[+1=? >', '[+1=? >', '        [r2]'],
});
await judged('invalid', newCounter, counterText, {
  'an addition is lost': ['[ +1=1 ]', '[ +1=1 ]'],
  'a number is left out': ['[+1=1] [+1=3]'],
  'it counts back': ['[+2=? >', '    [r2] [r0]'],
});

const newSet = (): SetModel => new SetModel();
await judged('valid', newSet, setText, {
  'elements come and go': ['[add 1] [add 2] [list 1 2] [rem 1] [has 1!] [list 2]'],
  'one of two adds finds it there': ['[ add 1  ]', '[ add 1! ]'],
  'an unanswered remove': ['[add 1] [rem 1?>', '          [has 1]      [has 1!]'],
});
await judged('invalid', newSet, setText, {
  'an acknowledged element is lost': ['[add 1] [add 2] [list 2]'],
  'two adds of one element were both new': ['[ add 1 ]', '[ add 1 ]'],
  'a removed element is back': ['[add 1] [rem 1] [list 1]'],
});

const newQueue = (): QueueModel => new QueueModel();
await judged('valid', newQueue, queueText, {
  'first in, first out': ['[e1] [e2] [d1] [d2] [d-]'],
  'two at once, in either order': ['[ e1 ]', '[ e2 ]', '        [d2] [d1]'],
  'an unanswered dequeue took one': ['[e1] [e2]', '          [d? >', '               [d2] [d-]'],
});
await judged('invalid', newQueue, queueText, {
  'last in, first out': ['[e1] [e2] [d2] [d1]'],
  'one item is dequeued twice': ['[e1] [ d1 ]', '     [ d1 ]'],
  'it is empty while it has one': ['[e1] [d-] [d1]'],
});

const newMutex = (): MutexModel => new MutexModel();
await judged('valid', newMutex, mutexText, {
  'one after the other': ['[a1] [l1]', '          [a2] [l2]'],
  'it is handed over while the second waits': ['[a1]   [ l1  ]', '   [ a2    ]   '],
  'an unanswered release frees it': ['[a1] [l1? >', '          [a2!]  [a2]'],
});
await judged('invalid', newMutex, mutexText, {
  'two hold it': ['[a1]       [l1]', '     [a2]      '],
  'it is refused while free': ['[a1] [l1] [a2!] [a3]'],
  'somebody else releases it': ['[a1] [l2] '],
});

await t.test(
  'an explanation names what can be placed, what is stuck, and what stands against it',
  async (t) => {
    const lines = ['[w1]  [ w2 ]', '      [ w3 ]', '               [r2]  [r3]', '                     [w9?>'];
    const operations = timeline(lines, registerText);
    const { violation } = checkLinearizable([{ name: 'k7', operations, newModel: newRegister }]);
    t.equal(
      violation?.explanation,
      '4 can be placed in this order: `write 1 → done` [1]; `write 3 → done` [2]; `write 2 → done` [3]; `read → 2` [4]. ' +
        'That leaves value 2. Next has to come what ran until the first of the others returned: `read → 3` [5] would be ' +
        'answered 2; `write 9 → ?` [6] may have happened by then, which does not help. No other order gets farther.',
    );
    const rank = (operation: (typeof operations)[number]): number => operations.indexOf(operation);
    t.same(violation?.operations.map(rank), [0, 2, 1, 3, 4, 5]);
  },
);

type RegisterPartition = Partition<RegisterInput, RegisterOutput>;

/** Writes at once, none of which anybody reads, and then a read that none explains: every order has to be tried. */
function hard(width: number, name = 'hard'): RegisterPartition {
  const lines = Array.from({ length: width }, (_, value) => `[  w${value + 1}   ]`);
  const operations = timeline([...lines, '              [r0]'], registerText);
  return { name, operations, newModel: newRegister };
}

function easy(name: string): RegisterPartition {
  const operations = timeline(['[w1] [r1]'], registerText);
  return { name, operations, newModel: newRegister };
}

await t.test(
  'steps that run out leave the verdict unknown, and a hard partition does not starve the others',
  async (t) => {
    const partitions = [hard(20), easy('a'), hard(20), easy('b')];
    const {
      verdict,
      partitions: each,
      ranOutOf,
      violation,
      steps,
    } = checkLinearizable(partitions, { stepsMax: 100_000 });
    t.equal(verdict, 'unknown');
    t.same(
      each.map((one) => one.verdict),
      ['unknown', 'valid', 'unknown', 'valid'],
    );
    t.equal(ranOutOf, 'steps');
    t.equal(violation, null);
    t.ok(steps >= 100_000 && steps < 100_100, `${steps} steps`);
  },
);

await t.test('memory that runs out leaves the verdict unknown', async (t) => {
  const { verdict, ranOutOf, memoBytesMax } = checkLinearizable([hard(20)], { memoBytesMax: 1_000_000 });
  t.equal(verdict, 'unknown');
  t.equal(ranOutOf, 'memory');
  t.ok(memoBytesMax < 10_000_000, `${memoBytesMax} bytes`);
});

await t.test('the memo keeps the search from trying every order', async (t) => {
  // 12! orders, and 2^12 sets of 12 states.
  const { verdict, steps } = checkLinearizable([hard(12)]);
  t.equal(verdict, 'invalid');
  t.ok(steps < 12 * 12 * 2 ** 12, `${steps} steps`);
});

await t.test('of many that ask the same and never return it tries how many, not which', async (t) => {
  const input = { kind: 'add', amount: 1 } as const;
  const added = Array.from({ length: 60 }, (_, process) => {
    return { process, callNs: process, returnNs: Infinity, input, output: null };
  });
  const read = { process: 60, callNs: 100, returnNs: 101, input: { kind: 'read' }, output: 61 } as const;
  const operations: Operation<CounterInput, CounterOutput>[] = [...added, read];
  const { verdict, steps } = checkLinearizable([{ name: 'x', operations, newModel: newCounter }]);
  t.equal(verdict, 'invalid');
  t.ok(steps < 1000, `${steps} steps`);
});

await t.test('in slices it comes to what it comes to at once, however small they are', async (t) => {
  const partitions = [easy('a'), hard(7), easy('b')];
  const whole = checkLinearizable([...partitions]);
  const wgl = new Wgl(partitions);
  let slices = 0;
  while (!wgl.advance(1)) slices++;
  t.ok(slices > 100, `${slices} slices`);
  t.ok(wgl.progress.decided > 0 && wgl.progress.partitions === 3);
  t.same(wgl.result().verdict, whole.verdict);
  t.same(wgl.result().violation, whole.violation);
});

await t.test('no partition at all is valid', async (t) => {
  t.equal(checkLinearizable([]).verdict, 'valid');
});
