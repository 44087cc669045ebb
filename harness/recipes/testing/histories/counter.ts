import { counter } from '../../counter.ts';
import type { Histories } from './histories.ts';

/** What both counters are in the end. */
function end(compared: number, versioned: number): string {
  return `| 9 sync | 9 get compared -> ${compared} ${compared} | 9 sync | 9 get versioned -> x ${versioned}`;
}

export const counterHistories: Histories = {
  recipe: counter,
  before: '8 create compared 0 | 8 create versioned 0',
  good: [
    ['nobody counts', end(0, 0)],
    ['one compares and sets', '0 get compared -> 0 0 | 0 set compared 1 if 0 -> 1' + end(1, 0)],
    ['one writes', '0 set versioned a -> 1' + end(0, 1)],
    [
      'two compare, and one is refused',
      '0 set compared 1 if 0 -> 1 | 1 set compared 1 if 0 !-103' + end(1, 0),
    ],
    [
      'two write at the same time',
      '@a 0 set versioned a -> 2 | @b 1 set versioned b -> 1 | =a | =b' + end(0, 2),
    ],
    ['a write that nobody answered was done', '0 set versioned a ?' + end(0, 1)],
    ['a write that nobody answered was not done', '0 set versioned a ?' + end(0, 0)],
    ['a comparison that nobody answered was done', '0 set compared 1 if 0 ?' + end(1, 0)],
    ['a comparison that nobody answered was not done', '0 set compared 1 if 0 ?' + end(0, 0)],
    [
      'of two comparisons with the same, that nobody answered, one was done',
      '0 set compared 1 if 0 ? | 1 set compared 1 if 0 ?' + end(1, 0),
    ],
    [
      'somebody goes on from what nobody was told',
      '0 set compared 1 if 0 ? | 1 get compared -> 1 1 | 1 set compared 2 if 1 -> 2' + end(2, 0),
    ],
    [
      'a write that nobody answered is done after another',
      '0 set versioned a ? | 1 set versioned b -> 1 | 1 get versioned -> b 1' + end(0, 2),
    ],
    ['an old read', '0 set versioned a -> 1 | 1 get versioned -> 0 0' + end(0, 1)],
    [
      'an old read that others have overtaken',
      '0 set compared 1 if 0 -> 1 | 1 get compared -> 0 0 | 2 get compared -> 1 1' + end(1, 0),
    ],
    [
      'a read of what is just being written',
      '@a 0 set versioned a -> 1 | 1 get versioned -> a 1 | =a' + end(0, 1),
    ],
    [
      'a read after a sync that was sent before the acknowledgement',
      '@a 0 set versioned a -> 1 | @s 1 sync | =a | =s | 1 get versioned -> 0 0' + end(0, 1),
    ],
    [
      'a read after a sync that a leader answered who had been replaced',
      'epoch 2 | 0 set versioned a -> 1 | epoch 1 | 1 sync | 1 get versioned -> 0 0 | epoch 2' + end(0, 1),
    ],
    [
      'a new session may see what is older',
      '0 set versioned a -> 1 | 1 get versioned -> a 1 | 1 expired | 1 get versioned -> 0 0' + end(0, 1),
    ],
    ['a write was answered by the end of its session, and was done', '0 set versioned a !-112' + end(0, 1)],
    ['a read is refused, which says nothing', '0 get compared !-4 | 0 set compared 1 if 0 -> 1' + end(1, 0)],
    [
      'three count one after the other',
      '0 set compared 1 if 0 -> 1 | 1 set compared 2 if 1 -> 2 | 2 set compared 3 if 2 -> 3 | 0 set versioned a -> 1' +
        end(3, 1),
    ],
    [
      'a session goes on over another connection',
      '0 set versioned a -> 1 | 0 lost | 0 get versioned -> a 1 | 0 set versioned b -> 2' + end(0, 2),
    ],
  ],
  bad: [
    [
      'a value is seen before its increment was asked for, though there were enough others',
      'seen before it was asked for',
      '0 set versioned a ? | 1 get versioned -> a 1 | 1 set versioned b -> 1' + end(0, 2),
    ],
    ['an increment is lost', 'too little', '0 set compared 1 if 0 -> 1' + end(0, 0)],
    ['a write is lost', 'too little', '0 set versioned a -> 1' + end(0, 0)],
    ['one of two is lost', 'too little', '0 set versioned a -> 1 | 1 set versioned b -> 2' + end(0, 1)],
    ['one is counted that nobody made', 'too much', end(0, 1)],
    ['a comparison is counted that nobody made', 'too much', end(1, 0)],
    ['a refused one is counted', 'too much', '0 set versioned a !-103' + end(0, 1)],
    ['one is counted twice', 'too much', '0 set versioned a -> 1' + end(0, 2)],
    ['one that nobody answered is counted twice', 'too much', '0 set versioned a ?' + end(0, 2)],
    [
      'one is seen before it was asked for',
      'too much',
      '1 get versioned -> a 1 | 0 set versioned a -> 1' + end(0, 1),
    ],
    [
      'two are told that they made the same',
      'increment lost',
      '0 set versioned a -> 1 | 1 set versioned b -> 1' + end(0, 2),
    ],
    [
      'two comparisons with the same are done',
      'increment lost',
      '0 set compared 1 if 0 -> 1 | 1 set compared 1 if 0 -> 1' + end(1, 0),
    ],
    [
      'a comparison makes another version',
      'compared with another version',
      '0 set compared 1 if 0 -> 2' + end(1, 0),
    ],
    [
      'what is there is not of its version',
      'value in another version',
      '0 set compared 1 if 0 -> 1 | 1 get compared -> 1 0' + end(1, 0),
    ],
    [
      'a session goes back',
      'time went back',
      '0 set versioned a ? | 1 get versioned -> a 1 | 1 get versioned -> 0 0' + end(0, 1),
    ],
    [
      'a session goes back over another connection',
      'time went back',
      '0 set compared 1 if 0 ? | 1 get compared -> 1 1 | 1 lost | 1 get compared -> 0 0' + end(1, 0),
    ],
    [
      'a writer does not see its own',
      'time went back',
      '0 set versioned a -> 1 | 0 get versioned -> 0 0' + end(0, 1),
    ],
    [
      'old after a sync',
      'too little',
      '0 set versioned a -> 1 | 1 sync | 1 get versioned -> 0 0' + end(0, 1),
    ],
    [
      'old after a sync that a later leader answered',
      'too little',
      '0 set compared 1 if 0 -> 1 | epoch 2 | 1 sync | 1 get compared -> 0 0' + end(1, 0),
    ],
    [
      'a write makes less than what was acknowledged before it',
      'too little',
      '0 set versioned a -> 1 | 1 set versioned b -> 2 | 2 set versioned c -> 1' + end(0, 3),
    ],
    [
      'a value that only a later one makes',
      'nobody counted',
      '0 set compared 1 if 0 -> 1 | 1 set compared 1 if 0 ? | 2 get compared -> 2 2 | 1 set compared 2 if 1 -> 2' +
        end(2, 0),
    ],
    [
      'a value that nobody can have made, though there were enough increments',
      'nobody counted',
      '0 set compared 1 if 0 ? | 1 set compared 1 if 0 ?' + end(2, 0),
    ],
    ['a counter is not there', 'lost counter', '1 get versioned !-101' + end(0, 0)],
    ['nobody reads in the end', 'not read in the end', '0 set versioned a -> 1'],
  ],
};
