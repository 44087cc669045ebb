import { lock } from '../../lock.ts';
import type { Histories } from './histories.ts';
import { history, lineTexts } from './line-texts.ts';

const { take, list, release, write, writeInVain } = lineTexts({ line: 'line', guard: 'guarded' });

/** Client 9 has it in the end, as place 90, and reads what it has written as this version. */
function end(version: number, ...left: string[]): string {
  return [
    '9 sync line',
    take('9p90'),
    list(9, '9p90'),
    write('9p90', version),
    release('9p90'),
    '9 sync line',
    `9 get guarded -> 90 9p90${version} ${version}`,
    list(9, ...left),
  ].join(' | ');
}

export const lockHistories: Histories = {
  recipe: lock,
  before: '8 create line | 8 create guarded -1 w0',
  good: [
    ['nobody wants it', end(1)],
    ['one has it', history(take('0p1'), list(0, '0p1'), write('0p1', 1), release('0p1'), end(2))],
    ['one has it and does nothing', history(take('0p1'), list(0, '0p1'), release('0p1'), end(1))],
    [
      'one after the other',
      history(
        [take('0p1'), take('1p2'), list(0, '0p1', '1p2'), write('0p1', 1), release('0p1')],
        [list(1, '1p2'), write('1p2', 2), release('1p2'), end(3)],
      ),
    ],
    [
      'the second hears of the end of the first',
      history(
        [take('0p1'), take('1p2'), list(1, '0p1', '1p2'), '1 existsw line/0p1-#1 -> 0', release('0p1')],
        ['1 event deleted line/0p1-#1', list(1, '1p2'), write('1p2', 1), release('1p2'), end(2)],
      ),
    ],
    [
      'the middle one of three gives up',
      history(
        [take('0p1'), take('1p2'), take('2p3'), release('1p2'), write('0p1', 1), release('0p1')],
        [list(2, '2p3'), write('2p3', 2), release('2p3'), end(3)],
      ),
    ],
    [
      'the session of the holder expires, and it is told so later',
      history(
        [take('0p1'), take('1p2'), write('0p1', 1), '0 lost', 'wait 1500', list(1, '1p2'), write('1p2', 2)],
        ['0 expired', release('1p2'), end(3)],
      ),
    ],
    [
      'a former holder is refused',
      history(
        [take('0p1'), take('1p2'), '0 lost', 'wait 1500', list(1, '1p2'), write('1p2', 1), '0 expired'],
        [write('0p1'), release('1p2'), end(2)],
      ),
    ],
    [
      'a holder that has written is refused when another session has taken its place away',
      history(take('0p1'), write('0p1', 1), '1 delete line/0p1-#1', write('0p1'), end(2)),
    ],
    [
      'a former holder is not refused while its place is there',
      history(take('0p1'), '0 new', write('0p1', 1), 'wait 1500', end(2)),
    ],
    [
      'a write that nobody answered was done',
      history(take('0p1'), writeInVain('0p1'), '1 get guarded -> 1 0p1? 1', release('0p1'), end(2)),
    ],
    [
      'a write that nobody answered was not done',
      history(take('0p1'), writeInVain('0p1'), release('0p1'), end(1)),
    ],
    [
      'a place that nobody told of is there, and is given up when it is seen',
      history(
        ['0 create:es line/0p1- ?', take('0p2'), list(0, '0p1', '0p2'), release('0p1'), list(0, '0p2')],
        [write('0p2', 1), release('0p2'), end(2)],
      ),
    ],
    [
      'a place that nobody told of is not there',
      history('0 create:es line/0p1- ?', take('0p2'), release('0p2'), end(1)),
    ],
    [
      'a release that nobody answered was done',
      history(
        take('0p1'),
        take('1p2'),
        `${release('0p1')} ?`,
        list(1, '1p2'),
        write('1p2', 1),
        release('1p2'),
        end(2),
      ),
    ],
    [
      'a release that nobody answered was not done, and is asked for again',
      history(take('0p1'), `${release('0p1')} ?`, list(0, '0p1'), release('0p1'), end(1)),
    ],
    [
      'a list is old and shows who has released it',
      history(take('0p1'), take('1p2'), release('0p1'), list(2, '0p1', '1p2'), release('1p2'), end(1)),
    ],
    [
      'one leaves, and its place with it',
      history(take('0p1'), take('1p2'), '0 close', list(1, '1p2'), write('1p2', 1), release('1p2'), end(2)),
    ],
    [
      'one has it twice, in two sessions',
      history(
        take('0p1'),
        write('0p1', 1),
        '0 close',
        take('0p2'),
        list(0, '0p2'),
        write('0p2', 2),
        release('0p2'),
        end(3),
      ),
    ],
    [
      'a session goes on over another connection',
      history(take('0p1'), '0 lost', write('0p1', 1), release('0p1'), end(2)),
    ],
    [
      'two believe to have it at once, and only one can write',
      history(
        [take('0p1'), '0 note belief isHeld=1', take('1p2'), '0 lost', 'wait 1500', list(1, '1p2')],
        ['1 note belief isHeld=1', write('1p2', 1), '0 expired', write('0p1'), release('1p2'), end(2)],
      ),
    ],
    [
      'numbers are left out',
      history(take('0p1'), release('0p1'), take('0p7'), write('0p7', 1), release('0p7'), end(2)),
    ],
    [
      'places that were asked for at once have their numbers in another order than their answers',
      history(
        ['@a 0 create:es line/0p2- -> 2', take('1p1'), '=a', list(0, '1p1', '0p2'), release('1p1')],
        [write('0p2', 1), release('0p2'), end(2)],
      ),
    ],
  ],
  bad: [
    [
      'a former holder writes after a newer one',
      'older holder accepted',
      history(
        take('0p1'),
        take('1p2'),
        '0 lost',
        list(1, '1p2'),
        write('1p2', 1),
        write('0p1', 2),
        release('1p2'),
        end(3),
      ),
    ],
    [
      'a write of a former holder that nobody answered is done after that of a newer one',
      'older holder accepted',
      history(
        [take('0p1'), take('1p2'), writeInVain('0p1'), '0 lost', list(1, '1p2'), write('1p2', 1)],
        ['2 get guarded -> 1 0p1? 2', release('1p2'), end(3)],
      ),
    ],
    [
      'two write in turns',
      'older holder accepted',
      history(
        [take('0p1'), take('1p2'), write('0p1', 1), write('1p2', 2), write('0p1', 3), release('0p1')],
        [release('1p2'), end(4)],
      ),
    ],
    [
      'one writes after it has released it',
      'accepted after its end',
      history(take('0p1'), release('0p1'), write('0p1', 1), end(2)),
    ],
    [
      'one writes after another has seen that its place is gone',
      'accepted after its end',
      history(take('0p1'), take('1p2'), '0 lost', list(1, '1p2'), write('0p1', 1), release('1p2'), end(2)),
    ],
    [
      'one writes for a place whose session has expired',
      'accepted after its end',
      history(take('0p1'), '0 lost', '0 expired', write('0p1', 1), end(2)),
    ],
    [
      'one writes for a place whose session it has closed',
      'accepted after its end',
      history(take('0p1'), '0 close', write('0p1', 1), end(2)),
    ],
    [
      'a write is accepted for a place that nobody has taken',
      'accepted for nobody',
      history(write('0p1', 1), end(2)),
    ],
    [
      'the holder is refused',
      'holder refused',
      history(take('0p1'), list(0, '0p1'), write('0p1'), '0 sync line', release('0p1'), end(1)),
    ],
    [
      'the holder is refused over another connection',
      'holder refused',
      history(take('0p1'), '0 lost', write('0p1'), '0 sync line', release('0p1'), end(1)),
    ],
    [
      'two have the same number',
      'number given twice',
      history(take('0p1'), '1 create:es line/1p1b- -> 1', '1 close', release('0p1'), end(1)),
    ],
    [
      'one who nobody answered has the number of another',
      'number given twice',
      history(
        take('0p1'),
        '1 create:es line/1p1b- ?',
        '2 list line -> 0p1-#1 1p1b-#1',
        '1 close',
        release('0p1'),
        end(1),
      ),
    ],
    [
      'a number is given again',
      'number given twice',
      history(take('0p1'), '0 close', '1 create:es line/1p1b- -> 1', '1 close', end(1)),
    ],
    [
      'a later one has a smaller number',
      'number out of order',
      history(take('0p5'), take('1p2'), '0 close', '1 close', end(1)),
    ],
    [
      'a later one that nobody answered has a smaller number',
      'number out of order',
      history(take('0p5'), '1 create:es line/1p2- ?', list(2, '1p2', '0p5'), '0 close', '1 close', end(1)),
    ],
    [
      'of two that nobody answered the second is before the first',
      'order of a connection broken',
      history('0 create:es line/0p2- ?', '0 create:es line/0p1- ?', list(2, '0p1', '0p2'), '0 close', end(1)),
    ],
    [
      'a place lasts much longer than its session',
      'never expired',
      history(
        take('0p1'),
        '0 lost',
        'wait 30000',
        '9 sync line',
        take('9p9'),
        list(9, '0p1', '9p9'),
        '9 get guarded -> -1 w0 0',
      ),
    ],
    [
      'a place is there after its session was closed',
      'shown after its end',
      history(take('0p1'), '0 close', end(1, '0p1')),
    ],
    [
      'a place is there after it was given up',
      'shown after its end',
      history(take('0p1'), release('0p1'), end(1, '0p1')),
    ],
    [
      'a place vanishes while its session lives',
      'vanished',
      history(take('0p1'), list(0, '0p1'), list(0), '0 sync line', release('0p1'), end(1)),
    ],
    [
      'a place is not there for who has made it',
      'stale',
      history(take('0p1'), list(0), '0 sync line', list(0, '0p1'), release('0p1'), end(1)),
    ],
    [
      'a place comes back',
      'came back',
      history(
        take('0p1'),
        take('1p2'),
        list(1, '0p1', '1p2'),
        '0 lost',
        list(1, '1p2'),
        list(1, '0p1', '1p2'),
        '1 close',
        end(1),
      ),
    ],
    [
      'a place is given up twice',
      'removed twice',
      history(take('0p1'), release('0p1'), release('0p1'), end(1)),
    ],
    [
      'who gives it up does not find it',
      'lost',
      history(take('0p1'), `${release('0p1')} !-101`, '0 sync line', end(1)),
    ],
    ['what was written is gone', 'lost write', history(take('0p1'), write('0p1', 5), release('0p1'), end(3))],
    [
      'two writes have made one version',
      'version given twice',
      history(
        take('0p1'),
        write('0p1', 1),
        release('0p1'),
        take('1p2'),
        write('1p2', 1),
        release('1p2'),
        end(2),
      ),
    ],
    [
      'what was refused is read',
      'read of what was not written',
      history(take('0p1'), release('0p1'), write('0p1'), '1 get guarded -> 1 0p1x 1', end(2)),
    ],
    [
      'a half of a refused write is read',
      'read of what was not written',
      history(write('0p1'), '1 get guarded -> 1 0p1x 1', end(2)),
    ],
    [
      'nobody can have it in the end',
      'not had in the end',
      history(
        take('0p1'),
        write('0p1', 1),
        release('0p1'),
        '9 sync line',
        '9 get guarded -> 1 0p11 1',
        list(9),
      ),
    ],
    [
      'a place is left whose session has just ended',
      'not waited for',
      history(take('0p1'), '0 lost', 'wait 1500', '9 sync line', list(9, '0p1'), '9 get guarded -> -1 w0 0'),
    ],
    [
      'nobody reads in the end',
      'not read in the end',
      history(take('0p1'), list(0, '0p1'), write('0p1', 1), release('0p1')),
    ],
  ],
};
