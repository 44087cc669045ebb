import { set } from '../../set.ts';
import type { Histories } from './histories.ts';

/** Members are below `set`; client 9 reads in the end. */
export const setHistories: Histories = {
  recipe: set,
  good: [
    ['nothing was ever added', '9 sync | 9 list set ->'],
    ['one is added and listed', '0 create set/a | 9 sync | 9 list set -> a'],
    [
      'two are added by two and listed in another order',
      '0 create set/a | 1 create set/b | 9 sync | 9 list set -> b a',
    ],
    ['one is added, removed and not listed', '0 create set/a | 1 delete set/a | 9 sync | 9 list set ->'],
    ['an old list lacks what was added', '0 create set/a | 1 list set -> | 9 sync | 9 list set -> a'],
    [
      'an old list has what was removed',
      '0 create set/a | 0 delete set/a | 1 list set -> a | 9 sync | 9 list set ->',
    ],
    ['an add that nobody answered was done', '0 create set/a ? | 9 sync | 9 list set -> a'],
    ['an add that nobody answered was not done', '0 create set/a ? | 9 sync | 9 list set ->'],
    [
      'an add that nobody answered is done late, and seen by one before another',
      '0 create set/a ? | 1 list set -> | 2 list set -> a | 1 list set -> | 9 sync | 9 list set -> a',
    ],
    ['a removal that nobody answered was done', '0 create set/a | 1 delete set/a ? | 9 sync | 9 list set ->'],
    [
      'a removal that nobody answered was not done',
      '0 create set/a | 1 delete set/a ? | 9 sync | 9 list set -> a',
    ],
    [
      'a removal that nobody answered is done late',
      '0 create set/a | 1 delete set/a ? | 2 sync | 2 list set -> a | 2 sync | 2 list set -> | 9 sync | 9 list set ->',
    ],
    [
      'the second of two removals finds nothing',
      '0 create set/a | 1 delete set/a | 2 delete set/a !-101 | 9 sync | 9 list set ->',
    ],
    [
      'a removal finds nothing after one that nobody answered',
      '0 create set/a | 1 delete set/a ? | 2 delete set/a !-101 | 9 sync | 9 list set ->',
    ],
    [
      'a removal finds what nobody was told that it was added',
      '0 create set/a ? | 1 list set -> a | 1 delete set/a | 9 sync | 9 list set ->',
    ],
    [
      'an add and a list at the same time, that shows it',
      '@a 0 create set/a | 1 list set -> a | =a | 9 sync | 9 list set -> a',
    ],
    [
      'a list after a sync that was sent before the add was acknowledged',
      '@a 0 create set/a | @s 1 sync | =a | =s | 1 list set -> | 9 sync | 9 list set -> a',
    ],
    [
      'a list after a sync that a leader answered who had been replaced',
      'epoch 2 | 0 create set/a | epoch 1 | 1 sync | 1 list set -> | epoch 2 | 9 sync | 9 list set -> a',
    ],
    [
      'a sync that nobody answered says nothing',
      '0 create set/a | 1 sync ? | 1 list set -> | 9 sync | 9 list set -> a',
    ],
    [
      'who comes back with a new session may see what is older',
      '0 create set/a | 1 list set -> a | 1 expired | 1 list set -> | 9 sync | 9 list set -> a',
    ],
    [
      'a sync of a former session says nothing to a new one',
      '0 create set/a | 1 sync | 1 expired | 1 list set -> | 9 sync | 9 list set -> a',
    ],
    ['an add was refused for a full disk and is not there', '0 create set/a !-125 | 9 sync | 9 list set ->'],
    [
      'an add was answered by the end of the session, and was done',
      '0 create set/a !-112 | 9 sync | 9 list set -> a',
    ],
    [
      'a session goes on over another connection',
      '0 create set/a | 1 list set -> a | 1 lost | 1 list set -> a | 9 sync | 9 list set -> a',
    ],
  ],
  bad: [
    [
      'one name is used twice',
      'name used twice',
      '0 create set/a | 1 create set/a ? | 9 sync | 9 list set -> a',
    ],
    ['one that was added is not there', 'lost', '0 create set/a | 9 sync | 9 list set ->'],
    ['one of two is not there', 'lost', '0 create set/a | 0 create set/b | 9 sync | 9 list set -> b'],
    [
      'one that was seen is not there in the end, though nobody was told of its add',
      'lost',
      '0 create set/a ? | 1 list set -> a | 9 sync | 9 list set ->',
    ],
    [
      'one is missing after a sync and comes later',
      'stale',
      '0 create set/a | 1 sync | 1 list set -> | 9 sync | 9 list set -> a',
    ],
    ['its own adder does not see it', 'stale', '0 create set/a | 0 list set -> | 9 sync | 9 list set -> a'],
    [
      'its own adder does not see it over another connection',
      'stale',
      '0 create set/a | 0 lost | 0 list set -> | 9 sync | 9 list set -> a',
    ],
    ['one that nobody added', 'never added', '9 sync | 9 list set -> a'],
    ['one whose add was refused', 'never added', '0 create set/a !-125 | 9 sync | 9 list set -> a'],
    ['one before it was added', 'never added', '1 list set -> a | 0 create set/a | 9 sync | 9 list set -> a'],
    [
      'one is there before it is added',
      'there before it was added',
      '0 create set/a !-110 | 9 sync | 9 list set ->',
    ],
    [
      'one is there after its removal was acknowledged',
      'shown after its end',
      '0 create set/a | 1 delete set/a | 9 sync | 9 list set -> a',
    ],
    [
      'one is there for its remover',
      'shown after its end',
      '0 create set/a | 1 delete set/a | 1 list set -> a | 9 sync | 9 list set ->',
    ],
    [
      'one is there after somebody has seen that it is gone',
      'shown after its end',
      '0 create set/a | 1 delete set/a ? | 2 sync | 2 list set -> | 9 sync | 9 list set -> a',
    ],
    [
      'one is removed twice',
      'removed twice',
      '0 create set/a | 1 delete set/a | 2 delete set/a | 9 sync | 9 list set ->',
    ],
    [
      'one is removed that was not added',
      'removed and never added',
      '1 delete set/a | 0 create set/a ? | 9 sync | 9 list set ->',
    ],
    [
      'one is removed whose add was refused',
      'removed and never added',
      '0 create set/a !-125 | 1 delete set/a | 9 sync | 9 list set ->',
    ],
    [
      'a remover does not find it',
      'lost',
      '0 create set/a | 1 delete set/a !-101 | 9 sync | 9 list set -> a',
    ],
    [
      'one comes back to who has seen it gone',
      'came back',
      '0 create set/a | 2 delete set/a ? | 1 list set -> a | 1 list set -> | 1 list set -> a | 9 sync | 9 list set ->',
    ],
    [
      'one vanishes that nobody removed',
      'vanished',
      '0 create set/a | 1 list set -> a | 1 list set -> | 9 sync | 9 list set -> a',
    ],
    [
      'one vanishes before its removal is sent',
      'vanished',
      '0 create set/a | 1 list set -> a | 1 list set -> | 2 delete set/a | 9 sync | 9 list set ->',
    ],
    [
      'one vanishes whose removal was refused',
      'vanished',
      '0 create set/a | 2 delete set/a !-103 | 1 list set -> a | 1 list set -> | 9 sync | 9 list set -> a',
    ],
    ['one is listed twice', 'listed twice', '0 create set/a | 9 sync | 9 list set -> a a'],
    [
      'time goes back over another connection',
      'vanished',
      '0 create set/a | 1 list set -> a | 1 lost | 1 list set -> | 9 sync | 9 list set -> a',
    ],
    [
      'a list is old though the sync was answered by a later leader than the add',
      'stale',
      '0 create set/a | epoch 2 | 1 sync | 1 list set -> | 9 sync | 9 list set -> a',
    ],
    ['nobody reads in the end', 'not read in the end', '0 create set/a | 1 list set -> a'],
  ],
};
