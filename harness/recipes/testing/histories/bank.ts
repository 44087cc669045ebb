import { bank } from '../../bank.ts';
import type { Histories } from './histories.ts';

const NAMES = ['account-0', 'account-1', 'account-2', 'account-3', 'account-4'];
const OPEN = NAMES.map((name, i) => `8 create ${name} 100 o${i}`).join(' | ');
const REST = '100 o2 0 ; 100 o3 0 ; 100 o4 0';

/** All accounts at one moment, of which the first two are these. */
function all(client: number, first: string, second: string): string {
  return `| ${client} read ${NAMES.join(' ')} -> ${first} ; ${second} ; ${REST} `;
}

function end(first: string, second: string): string {
  return `| 9 sync ${all(9, first, second)}`;
}

/** From the first account to the second. `fate`: `?`, `!` and a code, or nothing. */
const MOVE = 'multi check rules 0 ; set account-0 90 t1 if 0 -> 1 ; set account-1 110 t2 if 0 -> 1';
const MOVE_REFUSED = 'multi! check rules 0 ; set account-0 90 t1 if 0 ; set account-1 110 t2 if 0';
/** Goes on from that one. */
const NEXT = 'multi check rules 0 ; set account-0 80 u1 if 1 -> 2 ; set account-1 120 u2 if 1 -> 2';
/** And another one from the same versions. */
const OTHER = 'multi check rules 0 ; set account-0 95 v1 if 0 -> 1 ; set account-1 105 v2 if 0 -> 1';

const [ZERO, ONE] = [
  ['100 o0 0', '100 o1 0'],
  ['90 t1 1', '110 t2 1'],
] as const;
const CHECKS = 'check account-2 0 ; check account-3 0 ; check account-4 0';
const OTHERS_READ = '1 get account-2 -> 100 o2 0 | 1 get account-3 -> 100 o3 0 | 1 get account-4 -> 100 o4 0';

export const bankHistories: Histories = {
  recipe: bank,
  before: `8 create rules | ${OPEN}`,
  good: [
    ['nothing is moved', end(...ZERO)],
    ['some is moved', `0 ${MOVE}` + end(...ONE)],
    ['some is moved twice', `0 ${MOVE} | 1 ${NEXT}` + end('80 u1 2', '120 u2 2')],
    ['a transfer is refused', `0 ${MOVE_REFUSED}` + end(...ZERO)],
    [
      'one of two from the same versions is refused',
      `0 ${OTHER} | 1 ${MOVE_REFUSED}` + end('95 v1 1', '105 v2 1'),
    ],
    ['a transfer that nobody answered was done', `0 ${MOVE} ?` + end(...ONE)],
    ['a transfer that nobody answered was not done', `0 ${MOVE} ?` + end(...ZERO)],
    ['one of two that nobody answered was done', `0 ${MOVE} ? | 1 ${OTHER} ?` + end('95 v1 1', '105 v2 1')],
    [
      'somebody goes on from one that nobody answered',
      `0 ${MOVE} ? | 1 ${NEXT}` + end('80 u1 2', '120 u2 2'),
    ],
    ['the end of a session is the answer, and it was done', `0 ${MOVE} !-112` + end(...ONE)],
    ['an old total', `0 ${MOVE} ${all(1, ...ZERO)}` + end(...ONE)],
    [
      'accounts one by one, one before a transfer and one after it',
      `0 ${MOVE} | 1 get account-0 -> 100 o0 0 | 1 get account-1 -> 110 t2 1` + end(...ONE),
    ],
    [
      'accounts one by one, both after it',
      `0 ${MOVE} | 1 get account-0 -> 90 t1 1 | 1 get account-1 -> 110 t2 1` + end(...ONE),
    ],
    [
      'an audit of what nobody has changed',
      `1 get account-0 -> 100 o0 0 | 1 get account-1 -> 100 o1 0 | ${OTHERS_READ} | 1 multi check account-0 0 ; check account-1 0 ; ${CHECKS}` +
        end(...ZERO),
    ],
    [
      'an audit that a transfer has crossed is refused',
      `1 get account-0 -> 100 o0 0 | 0 ${MOVE} | 1 get account-1 -> 110 t2 1 | ${OTHERS_READ} | 1 multi! check account-0 0 ; check account-1 1 ; ${CHECKS}` +
        end(...ONE),
    ],
    [
      'an audit after a transfer',
      `0 ${MOVE} | 1 get account-0 -> 90 t1 1 | 1 get account-1 -> 110 t2 1 | ${OTHERS_READ} | 1 multi check account-0 1 ; check account-1 1 ; ${CHECKS}` +
        end(...ONE),
    ],
    [
      'a new session may see what is older',
      `0 ${MOVE} ${all(1, ...ONE)} | 1 expired ${all(1, ...ZERO)}` + end(...ONE),
    ],
    [
      'a read after a sync of a replaced leader',
      `epoch 2 | 0 ${MOVE} | epoch 1 | 1 sync ${all(1, ...ZERO)} | epoch 2` + end(...ONE),
    ],
    [
      'a read after a sync that was sent before the acknowledgement',
      `@m 0 ${MOVE} | @s 1 sync | =m | =s ${all(1, ...ZERO)}` + end(...ONE),
    ],
    ['a transfer is seen before it is acknowledged', `@m 0 ${MOVE} ${all(1, ...ONE)} | =m` + end(...ONE)],
    [
      'an account is emptied',
      '0 multi check rules 0 ; set account-0 0 t1 if 0 -> 1 ; set account-1 200 t2 if 0 -> 1' +
        end('0 t1 1', '200 t2 1'),
    ],
    ['the rules are changed', `0 set rules -> 1 | 1 ${MOVE_REFUSED}` + end(...ZERO)],
  ],
  bad: [
    ['half of a transfer is seen', 'wrong total', `0 ${MOVE} ${all(1, ONE[0], ZERO[1])}` + end(...ONE)],
    [
      'half of a transfer is seen, of one that nobody answered',
      'split transfer',
      `0 ${MOVE} ? ${all(1, ZERO[0], ONE[1])}` + end(...ONE),
    ],
    ['half of a transfer is there in the end', 'wrong total', `0 ${MOVE} ?` + end(ONE[0], ZERO[1])],
    ['a transfer is lost', 'lost or stale', `0 ${MOVE}` + end(...ZERO)],
    [
      'a transfer is lost and another done instead',
      'split or lost transfer',
      `0 ${MOVE} | 1 ${OTHER}` + end('95 v1 1', '105 v2 1'),
    ],
    [
      'one that nobody answered is done in part',
      'split or lost transfer',
      `0 ${MOVE} ? | 1 multi check rules 0 ; set account-1 50 v1 if 0 -> 1 ; set account-2 150 v2 if 0 -> 1 | 1 get account-0 -> 90 t1 1 | 9 sync | 9 read ${NAMES.join(' ')} -> 90 t1 1 ; 50 v1 1 ; 150 v2 1 ; 100 o3 0 ; 100 o4 0`,
    ],
    [
      'a refused one is seen',
      'read of what was not written',
      `0 ${MOVE_REFUSED} ${all(1, ...ONE)}` + end(...ZERO),
    ],
    [
      'one is seen before it was asked for',
      'read of what was not written',
      `9 sync ${all(1, ...ONE)} | 0 ${MOVE}` + end(...ONE),
    ],
    ['a balance that nobody wrote', 'read of what was not written', end('100 zz 0', ZERO[1])],
    ['a balance of another account', 'read of what was not written', end(ZERO[1], ZERO[0])],
    ['a balance in another version', 'value in another version', `0 ${MOVE}` + end('90 t1 2', ONE[1])],
    [
      'a balance below zero',
      'below zero',
      '0 multi check rules 0 ; set account-0 -1 t1 if 0 -> 1 ; set account-1 201 t2 if 0 -> 1' +
        end('-1 t1 1', '201 t2 1'),
    ],
    [
      'a session goes back',
      'time went back',
      `0 ${MOVE} ? | 1 get account-0 -> 90 t1 1 | 1 get account-0 -> 100 o0 0` + end(...ONE),
    ],
    [
      'a session goes back over another connection',
      'split transfer',
      `0 ${MOVE} ? ${all(1, ...ONE)} | 1 lost ${all(1, ...ZERO)}` + end(...ONE),
    ],
    [
      'who has seen one half sees the other as it was',
      'time went back',
      `0 ${MOVE} ? | 1 get account-0 -> 90 t1 1 | 1 get account-1 -> 100 o1 0` + end(...ONE),
    ],
    [
      'who has moved it sees the account as it was',
      'time went back',
      `0 ${MOVE} | 0 get account-1 -> 100 o1 0` + end(...ONE),
    ],
    ['old after a sync', 'lost or stale', `0 ${MOVE} | 1 sync ${all(1, ...ZERO)}` + end(...ONE)],
    [
      'old after a sync that a later leader answered',
      'lost or stale',
      `0 ${MOVE} | epoch 2 | 1 sync | 1 get account-0 -> 100 o0 0` + end(...ONE),
    ],
    [
      'an audit is done that a transfer has crossed',
      'wrong total',
      `1 get account-0 -> 100 o0 0 | 0 ${MOVE} | 1 get account-1 -> 110 t2 1 | ${OTHERS_READ} | 1 multi check account-0 0 ; check account-1 1 ; ${CHECKS}` +
        end(...ONE),
    ],
    ['an account is not there', 'lost account', '1 get account-0 !-101' + end(...ZERO)],
    [
      'an account is not among all',
      'lost account',
      `1 read ${NAMES.join(' ')} -> - ; 100 o1 0 ; ${REST}` + end(...ZERO),
    ],
    [
      'money is made',
      'wrong total',
      '0 multi check rules 0 ; set account-0 100 t1 if 0 -> 1 ; set account-1 110 t2 if 0 -> 1' +
        end('100 t1 1', '110 t2 1'),
    ],
    [
      'a version that nobody has made',
      'nobody wrote',
      '0 multi check rules 0 ; set account-0 90 t1 if 1 -> 2 ; set account-1 110 t2 if 0 -> 1' +
        end('90 t1 2', '110 t2 1'),
    ],
    ['nobody reads in the end', 'not read in the end', `0 ${MOVE}`],
  ],
};
