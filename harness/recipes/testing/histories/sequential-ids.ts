import { sequentialIds } from '../../sequential-ids.ts';
import type { Histories } from './histories.ts';
import { history, nameOf, numberOf } from './line-texts.ts';

/** A number is written `1p4`, which participant 1 was given below the first parent. */
function make(id: string, kind = 's', parent = 0): string {
  return `${id[0]} create:${kind} ids-${parent}/${id}- -> ${numberOf(id)}`;
}

/** Nobody is told whether it was made. */
function makeInVain(id: string): string {
  return `${id[0]} create:s ids-0/${id}- ?`;
}

function list(client: number, ...ids: string[]): string {
  return `${client} list ids-0 -> ${ids.map(nameOf).join(' ')}`;
}

function remove(id: string, client = id[0]): string {
  return `${client} delete ids-0/${nameOf(id)}`;
}

/** Client 9 lists what is left, below the first parent and the second. */
function end(first: readonly string[], second: readonly string[] = []): string {
  const lists = [first, second, []].map((ids, i) => `9 list ids-${i} -> ${ids.map(nameOf).join(' ')}`);
  return ['9 sync .', ...lists].join(' | ');
}

const TOGETHER = ['@a 0 create:s ids-0/0p1- -> 1', '@b 0 create:s ids-0/0p2- -> 2', '=a', '=b'];

export const sequentialIdsHistories: Histories = {
  recipe: sequentialIds,
  before: '8 create ids-0 | 8 create ids-1 | 8 create ids-2',
  good: [
    ['nobody wants one', end([])],
    ['one is given', history(make('0p0'), end(['0p0']))],
    ['two are given to one', history(make('0p0'), make('0p1'), end(['0p0', '0p1']))],
    ['two are given to two', history(make('0p0'), make('1p1'), end(['0p0', '1p1']))],
    ['two at once', history(TOGETHER, end(['0p1', '0p2']))],
    [
      'two at once to two, who are told in another order',
      history('@a 0 create:s ids-0/0p2- -> 2', make('1p1'), '=a', end(['1p1', '0p2'])),
    ],
    [
      'the last is deleted, and its number is not given again',
      history(make('0p0'), remove('0p0'), make('0p1'), end(['0p1'])),
    ],
    [
      'all are deleted, and no number is given again',
      history(make('0p0'), make('1p1'), remove('1p1'), remove('0p0'), make('0p2'), end(['0p2'])),
    ],
    ['numbers are left out', history(make('0p0'), make('0p5'), end(['0p0', '0p5']))],
    [
      'two parents have numbers of their own',
      history(make('0p0'), make('1p0', 's', 1), end(['0p0'], ['1p0'])),
    ],
    [
      'two parents are asked in turns',
      history(
        make('0p0'),
        make('0p7', 's', 1),
        make('0p1'),
        make('0p8', 's', 1),
        end(['0p0', '0p1'], ['0p7', '0p8']),
      ),
    ],
    ['nobody answered, and it was given', history(makeInVain('0p0'), end(['0p0']))],
    ['nobody answered, and it was not given', history(makeInVain('0p0'), make('1p0'), end(['1p0']))],
    [
      'nobody answered, and a number is missing',
      history(makeInVain('0p0'), make('1p1'), remove('1p1'), end([])),
    ],
    [
      'nobody answered, and it was given late',
      history(
        makeInVain('0p5'),
        '0 lost',
        make('1p1'),
        list(1, '1p1'),
        list(1, '1p1', '0p5'),
        end(['1p1', '0p5']),
      ),
    ],
    [
      'of three that were sent together the first two were given',
      history(makeInVain('0p0'), makeInVain('0p1'), makeInVain('0p2'), '0 lost', end(['0p0', '0p1'])),
    ],
    [
      'a deletion that nobody answered was done',
      history(make('0p0'), `${remove('0p0')} ?`, make('0p1'), end(['0p1'])),
    ],
    [
      'a deletion that nobody answered was not done',
      history(make('0p0'), `${remove('0p0')} ?`, end(['0p0'])),
    ],
    [
      'a session ends, and its ephemeral one with it',
      history(make('0p0', 'es'), make('0p1'), '0 close', make('1p2'), end(['0p1', '1p2'])),
    ],
    [
      'a session expires, and its ephemeral one with it',
      history(
        make('0p0', 'es'),
        '0 lost',
        'wait 1500',
        make('1p1'),
        '0 expired',
        make('0p2'),
        end(['1p1', '0p2']),
      ),
    ],
    [
      'an ephemeral one is there as long as its session',
      history(make('0p0', 'es'), '0 lost', '0 sync .', end(['0p0'])),
    ],
    ['a list is old', history(make('0p0'), list(1), make('0p1'), list(1, '0p0'), end(['0p0', '0p1']))],
    ['one was refused', history('0 create:s ids-0/0p0- !-125', make('0p1'), end(['0p1']))],
    [
      'another deletes it',
      history(make('0p0'), list(1, '0p0'), remove('0p0', '1'), `${remove('0p0')} !-101`, end([])),
    ],
  ],
  bad: [
    ['two have the same', 'number given twice', history(make('0p0'), make('1p0'), end(['0p0', '1p0']))],
    [
      'two who asked at once have the same',
      'number given twice',
      history('@a 0 create:s ids-0/0p1- -> 1', make('1p1'), '=a', end(['0p1', '1p1'])),
    ],
    [
      'the last is deleted, and its number is given again',
      'number given twice',
      history(make('0p0'), remove('0p0'), make('1p0'), end(['1p0'])),
    ],
    [
      'one of them was told so, and the other is seen',
      'number given twice',
      history(make('0p0'), makeInVain('1p0'), end(['0p0', '1p0'])),
    ],
    [
      'nobody was told, and two are seen',
      'number given twice',
      history(makeInVain('0p0'), makeInVain('1p0'), end(['0p0', '1p0'])),
    ],
    [
      'it starts again when all are deleted',
      'number out of order',
      history(make('0p5'), remove('0p5'), make('0p1'), end(['0p1'])),
    ],
    ['a later one is smaller', 'number out of order', history(make('0p5'), make('1p4'), end(['1p4', '0p5']))],
    [
      'a later one that nobody answered is smaller',
      'number out of order',
      history(make('0p5'), makeInVain('1p4'), end(['1p4', '0p5'])),
    ],
    [
      'one that an ephemeral had is given again',
      'number given twice',
      history(make('0p0', 'es'), '0 close', make('1p0'), end(['1p0'])),
    ],
    [
      'of two that were sent together the second is smaller',
      'order of a connection broken',
      history(
        '@a 0 create:s ids-0/0p2- -> 2',
        '@b 0 create:s ids-0/0p1- -> 1',
        '=a',
        '=b',
        end(['0p1', '0p2']),
      ),
    ],
    [
      'of two that nobody answered the second is smaller',
      'order of a connection broken',
      history(makeInVain('0p2'), makeInVain('0p1'), '0 lost', end(['0p1', '0p2'])),
    ],
    [
      'it has another name than was asked for',
      'other name',
      history('0 create:s ids-0/0p0- -> 0', '9 sync .', '9 list ids-0 -> 0p0-#3'),
    ],
    ['one is lost', 'lost', history(make('0p0'), end([]))],
    ['the first of two is lost', 'left out', history(make('0p0'), make('0p1'), end(['0p1']))],
    ['one that was seen is lost', 'lost', history(makeInVain('0p0'), list(1, '0p0'), end([]))],
    [
      'an ephemeral one is lost while its session lives',
      'lost',
      history(make('0p0', 'es'), end([]), '0 sync .'),
    ],
    ['who deletes it does not find it', 'lost', history(make('0p0'), `${remove('0p0')} !-101`, end([]))],
    [
      'one is deleted twice',
      'removed twice',
      history(make('0p0'), remove('0p0'), remove('0p0', '1'), end([])),
    ],
    [
      'one is deleted that was not there yet',
      'removed and never added',
      history(remove('0p0', '1'), make('0p0'), end([])),
    ],
    [
      'one is there that was deleted',
      'shown after its end',
      history(make('0p0'), remove('0p0'), end(['0p0'])),
    ],
    [
      'an ephemeral one is there after its session',
      'shown after its end',
      history(make('0p0', 'es'), '0 close', end(['0p0'])),
    ],
    ['one is there that nobody asked for', 'never added', end(['7p0'])],
    ['one is there below another parent', 'never added', history(make('0p0'), end(['0p0'], ['0p0']))],
    [
      'one is there whose making was refused',
      'never added',
      history('0 create:s ids-0/0p0- !-125', end(['0p0'])),
    ],
    [
      'one comes back',
      'came back',
      history(make('0p0'), list(1, '0p0'), `${remove('0p0')} ?`, list(1), list(1, '0p0'), end(['0p0'])),
    ],
    [
      'an old list leaves one out',
      'left out',
      history(make('0p0'), make('0p1'), list(1, '0p1'), end(['0p0', '0p1'])),
    ],
    ['what was made is not shown to its maker', 'stale', history(make('0p0'), list(0), end(['0p0']))],
    [
      'nobody reads one of the parents in the end',
      'not read in the end',
      history(make('0p0'), '9 sync .', list(9, '0p0')),
    ],
  ],
};
