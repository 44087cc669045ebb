import { queue } from '../../queue.ts';
import type { Histories } from './histories.ts';
import { history, nameOf, numberOf } from './line-texts.ts';

/** An item is called by its producer and its number: `1p4` is that of participant 1 with the number 4. */
function put(item: string): string {
  return `${putInVain(item).slice(0, -1)}-> ${numberOf(item)}`;
}

/** Nobody is told whether it is there. */
function putInVain(item: string): string {
  return `${item[0]} create:s queue/${item}- ${item} ?`;
}

function list(client: number, ...items: string[]): string {
  return `${client} list queue -> ${items.map(nameOf).join(' ')}`;
}

function read(client: number, item: string): string {
  return `${client} get queue/${nameOf(item)} -> ${item} 0`;
}

function take(client: number, item: string): string {
  return `${client} delete queue/${nameOf(item)}`;
}

/** Client 9 lists and reads what is left. */
function end(...items: string[]): string {
  return ['9 sync queue', list(9, ...items), ...items.map((item) => read(9, item))].join(' | ');
}

const LATE = ['0 create:s queue/0p3- 0p3 ?', '0 lost'];

export const queueHistories: Histories = {
  recipe: queue,
  before: '8 create queue',
  good: [
    ['nothing happens', end()],
    ['one is put and left', history(put('0p1'), end('0p1'))],
    ['one is put and taken', history(put('0p1'), list(1, '0p1'), read(1, '0p1'), take(1, '0p1'), end())],
    ['its producer takes it itself', history(put('0p1'), take(0, '0p1'), end())],
    ['of two the second is taken', history(put('0p1'), put('0p2'), take(1, '0p2'), end('0p1'))],
    [
      'two want the same, and one gets it',
      history(put('0p1'), list(1, '0p1'), list(2, '0p1'), take(1, '0p1'), `${take(2, '0p1')} !-101`, end()),
    ],
    [
      'two want the same at once',
      history(put('0p1'), `@a ${take(1, '0p1')}`, `${take(2, '0p1')} !-101`, '=a', end()),
    ],
    ['what nobody answered was put', history(putInVain('0p1'), end('0p1'))],
    ['what nobody answered was not put', history(putInVain('0p1'), end())],
    [
      'what nobody answered was put and taken',
      history(putInVain('0p1'), list(1, '0p1'), take(1, '0p1'), end()),
    ],
    ['what nobody answered was taken', history(put('0p1'), `${take(1, '0p1')} ?`, end())],
    ['what nobody answered was not taken', history(put('0p1'), `${take(1, '0p1')} ?`, end('0p1'))],
    [
      'it was taken without an answer, and another finds nothing',
      history(put('0p1'), `${take(1, '0p1')} ?`, `${take(2, '0p1')} !-101`, end()),
    ],
    [
      'it was not taken by who was not answered, and another has it',
      history(put('0p1'), `${take(1, '0p1')} ?`, take(2, '0p1'), end()),
    ],
    ['what nobody answered is put late', history(LATE, list(1), list(1, '0p3'), take(1, '0p3'), end())],
    ['a list is old and has what was taken', history(put('0p1'), take(1, '0p1'), list(2, '0p1'), end())],
    ['a list is old and lacks what was put', history(put('0p1'), list(1), end('0p1'))],
    [
      'two are sent together and stand in their order',
      history(
        '@a 0 create:s queue/0p1- 0p1 -> 1',
        '@b 0 create:s queue/0p2- 0p2 -> 2',
        '=a',
        '=b',
        end('0p1', '0p2'),
      ),
    ],
    [
      'of two that were sent together nobody hears, and they stand in their order',
      history(putInVain('0p1'), putInVain('0p2'), '0 lost', end('0p1', '0p2')),
    ],
    [
      'of two that were sent together only the first was put',
      history(putInVain('0p1'), putInVain('0p2'), '0 lost', end('0p1')),
    ],
    [
      'two put at once, and stand in another order than they are told',
      history('@a 0 create:s queue/0p2- 0p2 -> 2', put('1p1'), '=a', end('1p1', '0p2')),
    ],
    ['numbers are left out', history(put('0p1'), put('0p7'), end('0p1', '0p7'))],
    [
      'a producer goes on with another session',
      history(put('0p1'), '0 expired', put('0p2'), take(1, '0p1'), end('0p2')),
    ],
    [
      'a reader finds nothing, for another was faster',
      history(put('0p1'), list(1, '0p1'), take(2, '0p1'), '1 get queue/0p1-#1 !-101', end()),
    ],
    ['one was refused and is not there', history('0 create:s queue/0p1- 0p1 !-125', end())],
    [
      'items stay when their producer has gone',
      history(put('0p1'), '0 close', put('1p2'), '1 lost', '1 expired', 'wait 9000', end('0p1', '1p2')),
    ],
  ],
  bad: [
    ['one is taken twice', 'removed twice', history(put('0p1'), take(1, '0p1'), take(2, '0p1'), end())],
    [
      'one is taken twice by the same, over another connection',
      'removed twice',
      history(put('0p1'), take(1, '0p1'), '1 lost', take(1, '0p1'), end()),
    ],
    ['one that was acknowledged is gone', 'lost', history(put('0p1'), end())],
    ['the last of three is gone', 'lost', history(put('0p1'), put('1p2'), put('0p3'), end('0p1', '1p2'))],
    [
      'the first of three is gone',
      'left out',
      history(put('0p1'), put('1p2'), put('0p3'), end('1p2', '0p3')),
    ],
    [
      'one that was seen is gone, though nobody was told that it was put',
      'lost',
      history(putInVain('0p1'), list(1, '0p1'), end()),
    ],
    ['who was to take it does not find it', 'lost', history(put('0p1'), `${take(1, '0p1')} !-101`, end())],
    [
      'who was to take it does not find it before another asks',
      'lost',
      history(put('0p1'), `${take(1, '0p1')} !-101`, take(2, '0p1'), end()),
    ],
    [
      'one was taken and is still there',
      'shown after its end',
      history(put('0p1'), take(1, '0p1'), end('0p1')),
    ],
    [
      'one is shown to who has taken it',
      'shown after its end',
      history(put('0p1'), take(1, '0p1'), list(1, '0p1'), end()),
    ],
    ['one is there that nobody put', 'never added', end('5p1')],
    ['one is there that was refused', 'never added', history('0 create:s queue/0p1- 0p1 !-125', end('0p1'))],
    ['one is there before it is put', 'never added', history(list(1, '0p1'), put('0p1'), end('0p1'))],
    ['one is taken before it is put', 'removed and never added', history(take(1, '0p1'), put('0p1'), end())],
    [
      'one is taken that was refused',
      'removed and never added',
      history('0 create:s queue/0p1- 0p1 !-125', take(1, '0p1'), end()),
    ],
    ['two have the same number', 'number given twice', history(put('0p1'), put('1p1'), end('0p1', '1p1'))],
    [
      'one that nobody answered has the number of another',
      'number given twice',
      history(put('0p1'), putInVain('1p1'), end('0p1', '1p1')),
    ],
    [
      'the number of one that was taken is given again',
      'number given twice',
      history(put('0p1'), take(1, '0p1'), put('1p1'), end('1p1')),
    ],
    [
      'a later one stands before an earlier one',
      'number out of order',
      history(put('0p2'), put('1p1'), end('1p1', '0p2')),
    ],
    [
      'the order of a producer is broken',
      'order of a connection broken',
      history(
        '@a 0 create:s queue/0p2- 0p2 -> 2',
        '@b 0 create:s queue/0p1- 0p1 -> 1',
        '=a',
        '=b',
        end('0p1', '0p2'),
      ),
    ],
    [
      'the order of a producer is broken whom nobody answered',
      'order of a connection broken',
      history(putInVain('0p2'), putInVain('0p1'), '0 lost', end('0p1', '0p2')),
    ],
    [
      'a later one that nobody answered stands before an earlier one',
      'number out of order',
      history(put('0p2'), putInVain('1p1'), end('1p1', '0p2')),
    ],
    [
      'something else is in it',
      'other data',
      history(put('0p1'), put('0p2'), '1 get queue/0p1-#1 -> 0p2 0', end('0p1', '0p2')),
    ],
    ['nothing is in it', 'other data', history(put('0p1'), '1 get queue/0p1-#1 -> 0', end('0p1'))],
    [
      'an old list leaves out one that stands before others',
      'left out',
      history(put('0p1'), put('1p2'), list(2, '1p2'), end('0p1', '1p2')),
    ],
    [
      'a list leaves out one that is taken later',
      'left out',
      history(put('0p1'), put('1p2'), list(2, '1p2'), take(3, '0p1'), end('1p2')),
    ],
    [
      'one comes back',
      'came back',
      history(put('0p1'), list(1, '0p1'), `${take(2, '0p1')} ?`, list(1), list(1, '0p1'), end()),
    ],
    ['one is there twice', 'listed twice', history(put('0p1'), end('0p1', '0p1'))],
    [
      'one is there under another number',
      'other name',
      history(put('0p1'), '9 sync queue', '9 list queue -> 0p1-#2'),
    ],
    [
      'one vanishes from who has seen it',
      'vanished',
      history(put('0p1'), list(1, '0p1'), list(1), end('0p1')),
    ],
    ['nobody reads in the end', 'not read in the end', history(put('0p1'), take(1, '0p1'))],
  ],
};
