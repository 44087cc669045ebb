import { barrier } from '../../barrier.ts';
import type { Histories } from './histories.ts';
import { history } from './line-texts.ts';

const ALL = [0, 1, 2, 3];

/** `n`: how manieth of its znodes it is. */
function come(party: number, n = 1, round = 0): string {
  return `${party} create:e round-${round}/${party}.${n}`;
}

function look(party: number, names: readonly string[], round = 0): string {
  return `${party} list round-${round} -> ${names.join(' ')}`;
}

function raise(party: number, round = 0): string {
  return `${party} create ready-${round}`;
}

/** It sees the flag and goes in. */
function goIn(party: number, round = 0): string {
  return history(`${party} exists ready-${round} -> 0`, note(party, 'in', round));
}

function finish(party: number, n = 1, round = 0): string {
  return history(note(party, 'done', round), `${party} delete round-${round}/${party}.${n}`);
}

/** It sees that nobody is in any more and goes out. */
function goOut(party: number, round = 0): string {
  return history(`${party} sync round-${round}`, look(party, [], round), note(party, 'out', round));
}

function note(party: number, what: 'in' | 'done' | 'out', round = 0): string {
  return `${party} note barrier round=${round} what=${what}`;
}

function each(act: (party: number) => string, parties = ALL): string {
  return history(parties.map(act));
}

const NAMES = ['0.1', '1.1', '2.1', '3.1'];
const COME = each((party) => come(party));
const RAISED = history(look(3, NAMES), raise(3), note(3, 'in'));
/** All have come and are in. */
const IN = history(
  COME,
  RAISED,
  each((party) => goIn(party), [0, 1, 2]),
);
const DONE = each((party) => finish(party));
const OUT = each((party) => goOut(party));
/** Client 9 looks who is left. */
const END = history('9 sync .', look(9, []));
const SECOND = history(
  '0 create round-1',
  each((party) => come(party, 2, 1)),
  [look(0, ['0.2', '1.2', '2.2', '3.2'], 1), raise(0, 1), note(0, 'in', 1)],
  each((party) => goIn(party, 1), [1, 2, 3]),
  each((party) => finish(party, 2, 1)),
  each((party) => goOut(party, 1)),
  ['9 sync .', look(9, []), look(9, [], 1)],
);

export const barrierHistories: Histories = {
  recipe: barrier,
  before: '8 create round-0',
  good: [
    ['one round', history(IN, DONE, OUT, END)],
    ['two rounds', history(IN, DONE, OUT, SECOND)],
    [
      'some wait for the flag before it is raised',
      history(
        [
          each((party) => come(party, 1), [0, 1, 2]),
          '0 existsw ready-0 !-101',
          '1 existsw ready-0 !-101',
          come(3),
        ],
        [
          RAISED,
          '0 event created ready-0',
          '1 event created ready-0',
          each((party) => goIn(party), [0, 1, 2]),
        ],
        [DONE, OUT, END],
      ),
    ],
    [
      'two would raise the flag, and one was faster',
      history(
        COME,
        look(2, NAMES),
        look(3, NAMES),
        raise(3),
        note(3, 'in'),
        `${raise(2)} !-110`,
        each((party) => goIn(party), [0, 1, 2]),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'a flag that nobody answered is raised, and the next is refused for it',
      history(
        COME,
        look(3, NAMES),
        `${raise(3)} ?`,
        `${raise(3)} !-110`,
        each((party) => goIn(party)),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'a flag that nobody answered is not raised, and another raises it',
      history(
        COME,
        look(3, NAMES),
        `${raise(3)} ?`,
        '2 exists ready-0 !-101',
        raise(2),
        each((party) => goIn(party)),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'one comes without an answer, and comes again',
      history(
        [
          '0 create:e round-0/0.9 ?',
          COME,
          look(3, ['0.9', ...NAMES]),
          raise(3),
          each((party) => goIn(party)),
        ],
        ['0 sync round-0', look(0, ['0.9', ...NAMES]), '0 delete round-0/0.9', DONE, OUT, END],
      ),
    ],
    [
      'one comes without an answer, and that is all',
      history(
        [
          '0 create:e round-0/0.1 ?',
          each((party) => come(party), [1, 2, 3]),
          RAISED,
          each((party) => goIn(party), [0, 1, 2]),
        ],
        [DONE, OUT, END],
      ),
    ],
    [
      'the session of one expires while it waits, and it comes again',
      history(
        [come(0), come(1), '0 lost', 'wait 1500', '0 expired', come(0, 2), come(2), come(3)],
        [look(3, ['0.2', '1.1', '2.1', '3.1']), raise(3), each((party) => goIn(party))],
        [finish(0, 2), each((party) => finish(party), [1, 2, 3]), OUT, END],
      ),
    ],
    [
      'the session of one expires while it waits, and the flag is raised for it all the same',
      history(
        [
          COME,
          '0 lost',
          RAISED,
          'wait 1500',
          '0 expired',
          each((party) => goIn(party), [0, 1, 2]),
          note(0, 'done'),
        ],
        [each((party) => finish(party), [1, 2, 3]), OUT, END],
      ),
    ],
    [
      'the session of one expires while it works, and the others go out without it',
      history(
        [
          IN,
          '0 lost',
          'wait 1500',
          each((party) => finish(party), [1, 2, 3]),
          each((party) => goOut(party), [1, 2, 3]),
        ],
        ['0 expired', note(0, 'done'), goOut(0), END],
      ),
    ],
    [
      'one leaves its session while it works, and the others go out without it',
      history(
        [IN, '0 close', each((party) => finish(party), [1, 2, 3]), each((party) => goOut(party), [1, 2, 3])],
        [note(0, 'done'), goOut(0), END],
      ),
    ],
    [
      'one comes again when the others have gone out, and goes in and out alone',
      history(
        [
          COME,
          RAISED,
          each((party) => goIn(party), [1, 2]),
          '0 close',
          each((party) => finish(party), [1, 2, 3]),
        ],
        [
          each((party) => goOut(party), [1, 2, 3]),
          '0 exists ready-0 !-101',
          come(0, 2),
          goIn(0),
          finish(0, 2),
          goOut(0),
          END,
        ],
      ),
    ],
    [
      'one comes again before the others go out, who do not have to see it',
      history(
        [
          COME,
          RAISED,
          each((party) => goIn(party), [1, 2]),
          '0 close',
          each((party) => finish(party), [1, 2, 3]),
        ],
        ['@l 1 list round-0 ->', come(0, 2), '=l', note(1, 'out'), goIn(0), finish(0, 2)],
        [each((party) => goOut(party), [0, 2, 3]), END],
      ),
    ],
    [
      'a deletion that nobody answered was done',
      history(
        IN,
        note(0, 'done'),
        '0 delete round-0/0.1 ?',
        each((party) => finish(party), [1, 2, 3]),
        OUT,
        END,
      ),
    ],
    [
      'a deletion that nobody answered was not done, and is asked for again',
      history(
        [
          IN,
          note(0, 'done'),
          '0 delete round-0/0.1 ?',
          each((party) => finish(party), [1, 2, 3]),
          '0 sync round-0',
        ],
        [look(0, ['0.1']), '0 delete round-0/0.1', OUT, END],
      ),
    ],
    [
      'one waits for another to go',
      history(
        [IN, each((party) => finish(party), [0, 1, 2]), '0 sync round-0', look(0, ['3.1'])],
        ['0 existsw round-0/3.1 -> 0', finish(3), '0 event deleted round-0/3.1', OUT, END],
      ),
    ],
    [
      'a list is old and shows too few',
      history([
        each((party) => come(party), [0, 1, 2]),
        come(3),
        look(0, ['0.1', '1.1']),
        RAISED,
        each((party) => goIn(party), [0, 1, 2]),
        DONE,
        OUT,
        END,
      ]),
    ],
    [
      'a list is old and shows who has gone',
      history(
        IN,
        finish(0),
        look(1, NAMES),
        each((party) => finish(party), [1, 2, 3]),
        OUT,
        END,
      ),
    ],
    [
      'a session goes on over another connection',
      history(
        COME,
        '0 lost',
        RAISED,
        each((party) => goIn(party), [0, 1, 2]),
        '1 lost',
        DONE,
        '2 lost',
        OUT,
        END,
      ),
    ],
    [
      'a party of more than there have to be looks on',
      history(IN, '4 list . -> round-0 ready-0', DONE, OUT, END),
    ],
  ],
  bad: [
    [
      'one goes in before all have come',
      'in before all had come',
      history(
        each((party) => come(party), [0, 1, 2]),
        raise(0),
        note(0, 'in'),
        come(3),
        each((party) => goIn(party), [1, 2, 3]),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'one goes in alone',
      'in before all had come',
      history(
        come(0),
        raise(0),
        note(0, 'in'),
        each((party) => come(party), [1, 2, 3]),
        each((party) => goIn(party), [1, 2, 3]),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'the flag is there for one, and not all have come',
      'in before all had come',
      history(
        come(0),
        goIn(0),
        each((party) => come(party), [1, 2, 3]),
        RAISED,
        each((party) => goIn(party), [1, 2]),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'the flag is there and nobody has raised it',
      'there before it was made',
      history(
        COME,
        each((party) => goIn(party)),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'the flag is there before it is raised',
      'there before it was made',
      history(
        COME,
        goIn(0),
        RAISED,
        each((party) => goIn(party), [1, 2]),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'raising the flag is refused, for it is there, and nobody has raised it',
      'there before it was made',
      history(
        COME,
        look(3, NAMES),
        `${raise(3)} !-110`,
        note(3, 'in'),
        each((party) => note(party, 'in'), [0, 1, 2]),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'two raise the flag',
      'made twice',
      history(
        COME,
        look(3, NAMES),
        raise(3),
        raise(2),
        each((party) => goIn(party)),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'the flag is down again for who has seen it',
      'gone again',
      history(IN, '0 exists ready-0 !-101', DONE, OUT, END),
    ],
    [
      'the flag is down for who has raised it',
      'gone again',
      history(IN, '3 exists ready-0 !-101', DONE, OUT, END),
    ],
    ['the round is made twice', 'made twice', history('0 create round-0', IN, DONE, OUT, END)],
    [
      'one goes out before another is done',
      'out before all were done',
      history(
        IN,
        each((party) => finish(party), [0, 1, 2]),
        goOut(0),
        finish(3),
        each((party) => goOut(party), [1, 2, 3]),
        END,
      ),
    ],
    [
      'one goes out before itself is done',
      'out before all were done',
      history(
        IN,
        goOut(0),
        DONE,
        each((party) => goOut(party), [1, 2, 3]),
        END,
      ),
    ],
    [
      'two go out before another is done, who has lost its connection and comes back',
      'out before all were done',
      history(
        IN,
        '3 lost',
        each((party) => finish(party), [0, 1, 2]),
        goOut(0),
        goOut(1),
        finish(3),
        goOut(2),
        goOut(3),
        END,
      ),
    ],
    [
      'one goes out though another that worked was shown to it',
      'out before all were done',
      history(
        [
          IN,
          each((party) => finish(party), [0, 1, 2]),
          '0 sync round-0',
          look(0, ['3.1']),
          note(0, 'out'),
          finish(3),
        ],
        [each((party) => goOut(party), [1, 2, 3]), END],
      ),
    ],
    [
      'one of two is not shown to who goes out',
      'lost',
      history(
        IN,
        each((party) => finish(party), [0, 1]),
        goOut(0),
        finish(2),
        finish(3),
        each((party) => goOut(party), [1, 2, 3]),
        END,
      ),
    ],
    [
      'one is still in in the end',
      'shown after its end',
      history(IN, DONE, OUT, '9 sync .', look(9, ['0.1'])),
    ],
    [
      'one is in after its session was closed',
      'shown after its end',
      history(
        IN,
        '0 close',
        '1 sync round-0',
        look(1, NAMES),
        note(0, 'done'),
        each((party) => finish(party), [1, 2, 3]),
        OUT,
        END,
      ),
    ],
    [
      'one is there that did not come',
      'never added',
      history(
        COME,
        look(0, [...NAMES, '4.1']),
        RAISED,
        each((party) => goIn(party), [0, 1, 2]),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'one vanishes while it works',
      'vanished',
      history(IN, look(0, NAMES), look(0, ['1.1', '2.1', '3.1']), DONE, OUT, END),
    ],
    [
      'one comes back that had gone',
      'came back',
      history(
        IN,
        look(1, NAMES),
        '0 close',
        look(1, ['1.1', '2.1', '3.1']),
        look(1, NAMES),
        note(0, 'done'),
        each((party) => finish(party), [1, 2, 3]),
        OUT,
        END,
      ),
    ],
    [
      'who goes does not find its znode',
      'lost',
      history(
        IN,
        note(0, 'done'),
        '0 delete round-0/0.1 !-101',
        '0 sync .',
        each((party) => finish(party), [1, 2, 3]),
        OUT,
        END,
      ),
    ],
    ['one goes twice', 'removed twice', history(IN, DONE, '0 delete round-0/0.1', OUT, END)],
    [
      'one is there twice',
      'listed twice',
      history(
        COME,
        look(0, ['0.1', '0.1', '1.1']),
        RAISED,
        each((party) => goIn(party), [0, 1, 2]),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'one is there before it has come',
      'never added',
      history(
        come(0),
        look(0, ['0.1', '1.1']),
        each((party) => come(party), [1, 2, 3]),
        RAISED,
        each((party) => goIn(party), [0, 1, 2]),
        DONE,
        OUT,
        END,
      ),
    ],
    [
      'in the second round one goes in before all have come',
      'in before all had come',
      history(IN, DONE, OUT, '0 create round-1', come(0, 2, 1), raise(0, 1), note(0, 'in', 1)),
    ],
    [
      'not all go out in the end',
      'not finished',
      history(
        IN,
        DONE,
        each((party) => goOut(party), [0, 1, 2]),
        END,
      ),
    ],
    [
      'one does not even come',
      'not finished',
      history(
        each((party) => come(party), [0, 1, 2]),
        each((party) => `${party} close`, [0, 1, 2]),
        END,
      ),
    ],
    [
      'one goes out and has not looked',
      'out without a look',
      history(
        IN,
        DONE,
        note(0, 'out'),
        each((party) => goOut(party), [1, 2, 3]),
        END,
      ),
    ],
    ['nobody reads in the end', 'not read in the end', history(IN, DONE, OUT, look(8, []))],
  ],
};
