import {
  COME,
  DONE,
  END,
  IN,
  NAMES,
  OUT,
  RAISED,
  SECOND,
  come,
  each,
  finish,
  goIn,
  goOut,
  look,
  note,
  raise,
} from './barrier-steps.ts';
import type { Good } from './histories.ts';
import { history } from './line-texts.ts';

export const goodBarriers: readonly Good[] = [
  ['one round', history(IN, DONE, OUT, END)],
  ['two rounds', history(IN, DONE, OUT, SECOND)],
  [
    'some wait for the flag before it is raised',
    history(
      [each(come, [0, 1, 2]), '0 existsw ready-0 !-101', '1 existsw ready-0 !-101', come(3)],
      [RAISED, '0 event created ready-0', '1 event created ready-0', each(goIn, [0, 1, 2])],
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
      each(goIn, [0, 1, 2]),
      DONE,
      OUT,
      END,
    ),
  ],
  [
    'a flag that nobody answered is raised, and the next is refused for it',
    history(COME, look(3, NAMES), `${raise(3)} ?`, `${raise(3)} !-110`, each(goIn), DONE, OUT, END),
  ],
  [
    'a flag that nobody answered is not raised, and another raises it',
    history(
      COME,
      look(3, NAMES),
      `${raise(3)} ?`,
      '2 exists ready-0 !-101',
      raise(2),
      each(goIn),
      DONE,
      OUT,
      END,
    ),
  ],
  [
    'one comes without an answer, and comes again',
    history(
      ['0 create:e round-0/0.9 ?', COME, look(3, ['0.9', ...NAMES]), raise(3), each(goIn)],
      ['0 sync round-0', look(0, ['0.9', ...NAMES]), '0 delete round-0/0.9', DONE, OUT, END],
    ),
  ],
  [
    'one comes without an answer, and that is all',
    history(
      ['0 create:e round-0/0.1 ?', each(come, [1, 2, 3]), RAISED, each(goIn, [0, 1, 2])],
      [DONE, OUT, END],
    ),
  ],
  [
    'the session of one expires while it waits, and it comes again',
    history(
      [come(0), come(1), '0 lost', 'wait 1500', '0 expired', come(0, 2), come(2), come(3)],
      [look(3, ['0.2', '1.1', '2.1', '3.1']), raise(3), each(goIn)],
      [finish(0, 2), each(finish, [1, 2, 3]), OUT, END],
    ),
  ],
  [
    'the session of one expires while it waits, and the flag is raised for it all the same',
    history(
      [COME, '0 lost', RAISED, 'wait 1500', '0 expired', each(goIn, [0, 1, 2]), note(0, 'done')],
      [each(finish, [1, 2, 3]), OUT, END],
    ),
  ],
  [
    'the session of one expires while it works, and the others go out without it',
    history(
      [IN, '0 lost', 'wait 1500', each(finish, [1, 2, 3]), each(goOut, [1, 2, 3])],
      ['0 expired', note(0, 'done'), goOut(0), END],
    ),
  ],
  [
    'one leaves its session while it works, and the others go out without it',
    history(
      [IN, '0 close', each(finish, [1, 2, 3]), each(goOut, [1, 2, 3])],
      [note(0, 'done'), goOut(0), END],
    ),
  ],
  [
    'one comes again when the others have gone out, and goes in and out alone',
    history(
      [COME, RAISED, each(goIn, [1, 2]), '0 close', each(finish, [1, 2, 3])],
      [each(goOut, [1, 2, 3]), '0 exists ready-0 !-101', come(0, 2), goIn(0), finish(0, 2), goOut(0), END],
    ),
  ],
  [
    'one comes again before the others go out, who do not have to see it',
    history(
      [COME, RAISED, each(goIn, [1, 2]), '0 close', each(finish, [1, 2, 3])],
      ['@l 1 list round-0 ->', come(0, 2), '=l', note(1, 'out'), goIn(0), finish(0, 2)],
      [each(goOut, [0, 2, 3]), END],
    ),
  ],
  [
    'a deletion that nobody answered was done',
    history(IN, note(0, 'done'), '0 delete round-0/0.1 ?', each(finish, [1, 2, 3]), OUT, END),
  ],
  [
    'a deletion that nobody answered was not done, and is asked for again',
    history(
      [IN, note(0, 'done'), '0 delete round-0/0.1 ?', each(finish, [1, 2, 3]), '0 sync round-0'],
      [look(0, ['0.1']), '0 delete round-0/0.1', OUT, END],
    ),
  ],
  [
    'one waits for another to go',
    history(
      [IN, each(finish, [0, 1, 2]), '0 sync round-0', look(0, ['3.1'])],
      ['0 existsw round-0/3.1 -> 0', finish(3), '0 event deleted round-0/3.1', OUT, END],
    ),
  ],
  [
    'a list is old and shows too few',
    history([
      each(come, [0, 1, 2]),
      come(3),
      look(0, ['0.1', '1.1']),
      RAISED,
      each(goIn, [0, 1, 2]),
      DONE,
      OUT,
      END,
    ]),
  ],
  [
    'a list is old and shows who has gone',
    history(IN, finish(0), look(1, NAMES), each(finish, [1, 2, 3]), OUT, END),
  ],
  [
    'a session goes on over another connection',
    history(COME, '0 lost', RAISED, each(goIn, [0, 1, 2]), '1 lost', DONE, '2 lost', OUT, END),
  ],
  [
    'a party of more than there have to be looks on',
    history(IN, '4 list . -> round-0 ready-0', DONE, OUT, END),
  ],
];
