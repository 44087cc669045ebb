import { election } from '../../election.ts';
import type { Histories } from './histories.ts';
import { history, lineTexts, nameOf, numberOf, type PlaceText } from './line-texts.ts';

const { take, list, release, write, writeInVain } = lineTexts({ line: 'candidates', guard: 'work' });

/** Its first write, by which a leader opens its epoch. */
function open(place: PlaceText, version?: number): string {
  return write(place, version, `create epochs/${numberOf(place)} ; `);
}

/** Everybody of these says who leads: the first of those in the line. */
function agree(clients: readonly number[], ...places: PlaceText[]): string {
  const lines = clients.map((client) => {
    const note = `${client} note agreement leader=${nameOf(places[0] as string)}`;
    return [`${client} sync candidates`, list(client, ...places), note].join(' | ');
  });
  return [...lines, ...clients.map((client) => `${client} sync candidates`)].join(' | ');
}

/** Client 9 reads what work was done last, which epochs there were, and who is in the line. */
function end(work: string, version: number, epochs: readonly number[], ...places: PlaceText[]): string {
  const list9 = list(9, ...places);
  return ['9 sync .', `9 get work -> ${work} ${version}`, `9 list epochs -> ${epochs.join(' ')}`, list9].join(
    ' | ',
  );
}

export const electionHistories: Histories = {
  recipe: election,
  before: '8 create candidates | 8 create epochs | 8 create work -1 w0',
  good: [
    ['nobody stands', end('-1 w0', 0, [])],
    [
      'one stands and leads',
      history(take('0p1'), list(0, '0p1'), open('0p1', 1), agree([0], '0p1'), end('1 0p11', 1, [1], '0p1')),
    ],
    [
      'one leads and the other follows',
      history(
        [take('0p1'), take('1p2'), list(1, '0p1', '1p2'), open('0p1', 1), write('0p1', 2)],
        [agree([0, 1], '0p1', '1p2'), end('1 0p12', 2, [1], '0p1', '1p2')],
      ),
    ],
    [
      'a leader resigns and stands again',
      history(
        [
          take('0p1'),
          take('1p2'),
          open('0p1', 1),
          release('0p1'),
          list(1, '1p2'),
          open('1p2', 2),
          take('0p3'),
        ],
        [agree([0, 1], '1p2', '0p3'), end('2 1p22', 2, [1, 2], '1p2', '0p3')],
      ),
    ],
    [
      'a leader is cut off, another leads, and it stands again',
      history(
        [take('0p1'), take('1p2'), open('0p1', 1), '0 lost', 'wait 1500', list(1, '1p2'), open('1p2', 2)],
        [
          '0 expired',
          take('0p3'),
          write('0p1'),
          agree([1, 0], '1p2', '0p3'),
          end('2 1p22', 2, [1, 2], '1p2', '0p3'),
        ],
      ),
    ],
    [
      'a leader leaves',
      history(
        [take('0p1'), take('1p2'), open('0p1', 1), '0 close', list(1, '1p2'), take('0p3')],
        [agree([1, 0], '1p2', '0p3'), end('1 0p11', 1, [1], '1p2', '0p3')],
      ),
    ],
    [
      'an opening that nobody answered was done, and the next one is refused for it',
      history(
        [take('0p1'), writeInVain('0p1', 'create epochs/1 ; '), '0 lost'],
        ['0 multi! check candidates/0p1-#1 -1 ; create epochs/1 !-110 ; set work 1 0p1b'],
        [write('0p1', 2), agree([0], '0p1'), end('1 0p12', 2, [1], '0p1')],
      ),
    ],
    [
      'an opening that nobody answered was done, and nobody asks again',
      history([
        take('0p1'),
        writeInVain('0p1', 'create epochs/1 ; '),
        '0 lost',
        agree([0], '0p1'),
        end('1 0p1?', 1, [1], '0p1'),
      ]),
    ],
    [
      'an opening that nobody answered was not done',
      history([
        take('0p1'),
        writeInVain('0p1', 'create epochs/1 ; '),
        '0 lost',
        agree([0], '0p1'),
        end('-1 w0', 0, [], '0p1'),
      ]),
    ],
    [
      'a leader hears too late that it is none, and its opening is refused',
      history([
        take('0p1'),
        '0 lost',
        '0 expired',
        open('0p1'),
        take('0p2'),
        agree([0], '0p2'),
        end('-1 w0', 0, [], '0p2'),
      ]),
    ],
    [
      'a leader opens no epoch',
      history([
        take('0p1'),
        list(0, '0p1'),
        release('0p1'),
        take('0p2'),
        agree([0], '0p2'),
        end('-1 w0', 0, [], '0p2'),
      ]),
    ],
    [
      'work that nobody answered was done',
      history([
        take('0p1'),
        open('0p1', 1),
        writeInVain('0p1'),
        '0 lost',
        agree([0], '0p1'),
        end('1 0p1?', 2, [1], '0p1'),
      ]),
    ],
    [
      'work that nobody answered was not done',
      history([
        take('0p1'),
        open('0p1', 1),
        writeInVain('0p1'),
        '0 lost',
        agree([0], '0p1'),
        end('1 0p11', 1, [1], '0p1'),
      ]),
    ],
    [
      'a follower hears of the end of the one before',
      history(
        [take('0p1'), take('1p2'), list(1, '0p1', '1p2'), '1 existsw candidates/0p1-#1 -> 0', release('0p1')],
        ['1 event deleted candidates/0p1-#1', list(1, '1p2'), take('0p3'), agree([0, 1], '1p2', '0p3')],
        end('-1 w0', 0, [], '1p2', '0p3'),
      ),
    ],
    [
      'a follower gives up and stands again',
      history(
        [take('0p1'), take('1p2'), release('1p2'), take('1p3'), open('0p1', 1), agree([0, 1], '0p1', '1p3')],
        end('1 0p11', 1, [1], '0p1', '1p3'),
      ),
    ],
    [
      'a candidature that nobody told of is taken away',
      history(
        ['0 create:es candidates/0p1- ?', '0 lost', take('0p2'), list(0, '0p1', '0p2'), release('0p1')],
        [list(0, '0p2'), agree([0], '0p2'), end('-1 w0', 0, [], '0p2')],
      ),
    ],
    [
      'an old list shows a leader that has resigned',
      history(
        [
          take('0p1'),
          take('1p2'),
          release('0p1'),
          list(2, '0p1', '1p2'),
          take('0p3'),
          agree([0, 1], '1p2', '0p3'),
        ],
        end('-1 w0', 0, [], '1p2', '0p3'),
      ),
    ],
    [
      'the last leader has worked in two sessions',
      history(
        [take('0p1'), open('0p1', 1), '0 close', take('0p2'), open('0p2', 2), agree([0], '0p2')],
        end('2 0p22', 2, [1, 2], '0p2'),
      ),
    ],
    [
      'two believe to lead at once, and only one can work',
      history(
        [take('0p1'), '0 note belief isHeld=1', take('1p2'), '0 lost', 'wait 1500', list(1, '1p2')],
        [
          '1 note belief isHeld=1',
          open('1p2', 1),
          open('0p1'),
          '0 expired',
          take('0p3'),
          agree([0, 1], '1p2', '0p3'),
        ],
        end('2 1p21', 1, [2], '1p2', '0p3'),
      ),
    ],
    [
      'the first of three goes, and the others agree on the second',
      history(
        [
          take('0p1'),
          take('1p2'),
          take('2p3'),
          '0 close',
          take('0p4'),
          agree([0, 1, 2], '1p2', '2p3', '0p4'),
        ],
        end('-1 w0', 0, [], '1p2', '2p3', '0p4'),
      ),
    ],
    [
      'a session goes on over another connection, and leads',
      history([
        take('0p1'),
        open('0p1', 1),
        '0 lost',
        write('0p1', 2),
        agree([0], '0p1'),
        end('1 0p12', 2, [1], '0p1'),
      ]),
    ],
  ],
  bad: [
    [
      'a former leader works after a newer one has opened its epoch',
      'older holder accepted',
      history(
        [take('0p1'), take('1p2'), open('0p1', 1), '0 lost', open('1p2', 2), write('0p1', 3), take('0p3')],
        [agree([1, 0], '1p2', '0p3'), end('1 0p13', 3, [1, 2], '1p2', '0p3')],
      ),
    ],
    [
      'work of a former leader that nobody answered is done after that of a newer one',
      'older holder accepted',
      history(
        [take('0p1'), take('1p2'), writeInVain('0p1'), '0 lost', open('1p2', 1), agree([0, 1], '1p2')],
        end('1 0p1?', 2, [2], '1p2'),
      ),
    ],
    [
      'a leader works after it has resigned',
      'accepted after its end',
      history([
        take('0p1'),
        open('0p1', 1),
        release('0p1'),
        write('0p1', 2),
        take('0p2'),
        agree([0], '0p2'),
        end('1 0p12', 2, [1], '0p2'),
      ]),
    ],
    [
      'a leader works after its session has expired',
      'accepted after its end',
      history([
        take('0p1'),
        '0 lost',
        '0 expired',
        open('0p1', 1),
        take('0p2'),
        agree([0], '0p2'),
        end('1 0p11', 1, [1], '0p2'),
      ]),
    ],
    [
      'an epoch is opened after its leader was seen to be gone',
      'accepted after its end',
      history(
        [
          take('0p1'),
          take('1p2'),
          '0 lost',
          list(1, '1p2'),
          open('0p1', 1),
          take('0p3'),
          agree([0, 1], '1p2', '0p3'),
        ],
        end('1 0p11', 1, [1], '1p2', '0p3'),
      ),
    ],
    [
      'an epoch is opened for nobody',
      'accepted for nobody',
      history([open('0p1', 1), end('1 0p11', 1, [1])]),
    ],
    [
      'the leader is refused',
      'holder refused',
      history([take('0p1'), list(0, '0p1'), open('0p1'), agree([0], '0p1'), end('-1 w0', 0, [], '0p1')]),
    ],
    [
      'an epoch is opened twice',
      'opened twice',
      history([take('0p1'), open('0p1', 1), open('0p1', 2), agree([0], '0p1'), end('1 0p12', 2, [1], '0p1')]),
    ],
    [
      'an epoch is there before it is opened',
      'epoch nobody opened',
      history(
        [take('0p1'), '0 multi! check candidates/0p1-#1 -1 ; create epochs/1 !-110 ; set work 1 0p1b'],
        [agree([0], '0p1'), end('-1 w0', 0, [], '0p1')],
      ),
    ],
    [
      'an epoch is there whose opening was refused',
      'epoch nobody opened',
      history([
        take('0p1'),
        release('0p1'),
        open('0p1'),
        take('0p2'),
        agree([0], '0p2'),
        end('-1 w0', 0, [1], '0p2'),
      ]),
    ],
    [
      'an epoch is there of which nobody knows',
      'epoch nobody opened',
      history([take('0p1'), open('0p1', 1), agree([0], '0p1'), end('1 0p11', 1, [1, 5], '0p1')]),
    ],
    [
      'an epoch is gone',
      'lost epoch',
      history([take('0p1'), open('0p1', 1), agree([0], '0p1'), end('1 0p11', 1, [], '0p1')]),
    ],
    [
      'a half of an opening is gone',
      'lost write',
      history([take('0p1'), open('0p1', 1), agree([0], '0p1'), end('-1 w0', 0, [1], '0p1')]),
    ],
    [
      'work is gone',
      'lost write',
      history([
        take('0p1'),
        open('0p1', 1),
        write('0p1', 2),
        agree([0], '0p1'),
        end('1 0p11', 1, [1], '0p1'),
      ]),
    ],
    [
      'work that was refused is there',
      'read of what was not written',
      history([
        take('0p1'),
        release('0p1'),
        write('0p1'),
        take('0p2'),
        agree([0], '0p2'),
        end('1 0p1x', 1, [], '0p2'),
      ]),
    ],
    [
      'two make one version',
      'version given twice',
      history([
        take('0p1'),
        open('0p1', 1),
        release('0p1'),
        take('1p2'),
        open('1p2', 1),
        take('0p3'),
        agree([0, 1], '1p2', '0p3'),
        end('2 1p21', 1, [1, 2], '1p2', '0p3'),
      ]),
    ],
    [
      'two follow different leaders, and the first of them is there',
      'different leaders',
      history([
        take('0p1'),
        take('1p2'),
        agree([0], '0p1', '1p2'),
        agree([1], '1p2'),
        '0 sync .',
        end('-1 w0', 0, [], '0p1', '1p2'),
      ]),
    ],
    [
      'one of three follows another leader',
      'different leaders',
      history(
        [take('0p1'), take('1p2'), take('2p3'), agree([0, 1], '0p1', '1p2', '2p3'), agree([2], '1p2', '2p3')],
        ['0 sync .', end('-1 w0', 0, [], '0p1', '1p2', '2p3')],
      ),
    ],
    [
      'two candidates have the same number',
      'number given twice',
      history([
        take('0p1'),
        '1 create:es candidates/1p1- -> 1',
        agree([0, 1], '0p1', '1p1'),
        end('-1 w0', 0, [], '0p1', '1p1'),
      ]),
    ],
    [
      'a later candidate is before an earlier one',
      'number out of order',
      history([take('0p5'), take('1p2'), agree([0, 1], '1p2', '0p5'), end('-1 w0', 0, [], '1p2', '0p5')]),
    ],
    [
      'a candidature vanishes while its session lives',
      'vanished',
      history([take('0p1'), list(0, '0p1'), list(0), agree([0], '0p1'), end('-1 w0', 0, [], '0p1')]),
    ],
    [
      'a candidature is there after its session was closed',
      'shown after its end',
      history([
        take('0p1'),
        '0 close',
        take('0p2'),
        agree([0], '0p1', '0p2'),
        end('-1 w0', 0, [], '0p1', '0p2'),
      ]),
    ],
    [
      'a candidature is not there in the end',
      'lost',
      history([
        take('0p1'),
        agree([0], '0p1'),
        '0 sync .',
        '9 sync .',
        '9 get work -> -1 w0 0',
        '9 list epochs ->',
        list(9),
        '0 sync .',
      ]),
    ],
    [
      'two follow different leaders, and nobody knows whether the first was still there',
      'no agreement',
      history([
        take('0p1'),
        take('1p2'),
        agree([0], '0p1', '1p2'),
        '0 lost',
        agree([1], '1p2'),
        end('-1 w0', 0, [], '1p2'),
      ]),
    ],
    [
      'one does not say whom it follows',
      'no agreement',
      history([take('0p1'), take('1p2'), agree([0], '0p1', '1p2'), end('-1 w0', 0, [], '0p1', '1p2')]),
    ],
    [
      'nobody reads the epochs in the end',
      'not read in the end',
      history([take('0p1'), agree([0], '0p1'), '9 sync .', '9 get work -> -1 w0 0', list(9, '0p1')]),
    ],
  ],
};
