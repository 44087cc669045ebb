import { groupMembership } from '../../group-membership.ts';
import type { Histories } from './histories.ts';

const [A, B] = ['a-0000000000', 'b-0000000001'];
/** Members 0 and 1 have each other in their view. */
const BOTH = `0 create:es group/a- -> 0 | 0 listw group -> ${A} | 1 create:es group/b- -> 1 | 0 event children group | 0 listw group -> ${A} ${B} | 1 listw group -> ${A} ${B}`;
/** All is quiet, and then they leave. */
const QUIET = '| 0 sync | 1 sync | 0 note view | 1 note view';
const END = `${QUIET} | 0 close | 1 close | 9 sync | 9 list group ->`;

/** Members are below `group`. */
export const groupMembershipHistories: Histories = {
  recipe: groupMembership,
  good: [
    [
      'a joining that nobody answered is done after one view and before another',
      `0 create:es group/a- -> 0 | 1 create:es group/b- ? | 0 listw group -> ${A} | 0 sync | 0 note view | 0 event children group | 1 listw group -> ${A} ${B} | 1 sync | 1 note view | 0 close | 1 close | 9 sync | 9 list group ->`,
    ],
    ['nobody ever joined', '9 sync | 9 list group ->'],
    ['two join and know each other', BOTH + END],
    [
      'one joins alone',
      `0 create:es group/a- -> 0 | 0 listw group -> ${A} | 0 sync | 0 note view | 0 close | 9 sync | 9 list group ->`,
    ],
    [
      'one leaves and the other is told',
      `${BOTH} | @d 1 delete group/${B} | 1 event children group | =d | 0 event children group | 0 listw group -> ${A} | 1 listw group -> ${A} ${END}`,
    ],
    [
      'one leaves and comes back under another number',
      `${BOTH} | @d 1 delete group/${B} | 1 event children group | =d | 1 create:es group/c- -> 2 | 0 event children group | 0 listw group -> ${A} c-0000000002 | 1 listw group -> ${A} c-0000000002 ${END}`,
    ],
    [
      'one crashes and the other is told',
      `0 create:es group/a- -> 0 | 1 create:es group/b- -> 1 | 0 listw group -> ${A} ${B} | 1 lost | 1 new | wait 1500 | 0 event children group | 0 listw group -> ${A} | 1 create:es group/c- -> 2 | 0 event children group | 0 listw group -> ${A} c-0000000002 | 1 listw group -> ${A} c-0000000002 ${END}`,
    ],
    [
      'a joining that nobody answered was done',
      `0 create:es group/a- -> 0 | 1 create:es group/b- ? | 1 lost | 0 listw group -> ${A} ${B} | 1 listw group -> ${A} ${B} ${END}`,
    ],
    [
      'a joining that nobody answered was not done',
      `0 create:es group/a- -> 0 | 1 create:es group/b- ? | 1 lost | 0 listw group -> ${A} | 1 listw group -> ${A} ${END}`,
    ],
    [
      'a leaving that nobody answered was done',
      `${BOTH} | 1 delete group/${B} ? | 1 lost | 0 event children group | 0 listw group -> ${A} | 1 event children group | 1 listw group -> ${A} ${END}`,
    ],
    ['a leaving that nobody answered was not done', `${BOTH} | 1 delete group/${B} ? | 1 lost ${END}`],
    [
      'numbers of two who join at the same time',
      `@a 0 create:es group/a- -> 1 | @b 1 create:es group/b- -> 0 | =a | =b | 0 listw group -> a-0000000001 b-0000000000 | 1 listw group -> a-0000000001 b-0000000000 ${END}`,
    ],
    [
      'numbers with a gap, of one that nobody answered',
      `0 create:es group/a- -> 0 | 2 create:es group/x- ? | 2 lost | 2 expired | 1 create:es group/b- -> 2 | 0 listw group -> ${A} b-0000000002 | 1 listw group -> ${A} b-0000000002 | 0 sync | 1 sync | 0 note view | 1 note view | 2 listw group -> ${A} b-0000000002 | 2 sync | 2 note view | 2 close | 0 close | 1 close | 9 sync | 9 list group ->`,
    ],
    [
      'an old view without the other',
      `0 create:es group/a- -> 0 | 1 create:es group/b- -> 1 | 0 listw group -> ${A} | 0 event children group | 0 listw group -> ${A} ${B} | 1 listw group -> ${A} ${B} ${END}`,
    ],
    [
      'an old list after one has left',
      `${BOTH} | @d 1 delete group/${B} | 1 event children group | =d | 2 list group -> ${A} ${B} | 0 event children group | 0 listw group -> ${A} | 1 listw group -> ${A} ${END}`,
    ],
    [
      'a view outlives a connection',
      `${BOTH} | 0 lost | @d 1 delete group/${B} | 1 event children group | =d | 0 event children group | 0 listw group -> ${A} | 1 listw group -> ${A} ${END}`,
    ],
    [
      'one whose session has ended makes a new view',
      `${BOTH} | 0 lost | wait 1500 | 1 event children group | 1 listw group -> ${B} | 0 expired | 0 create:es group/c- -> 2 | 1 event children group | 1 listw group -> ${B} c-0000000002 | 0 listw group -> ${B} c-0000000002 ${END}`,
    ],
    [
      'one is given up after one view and before another',
      `0 create:es group/a- -> 0 | 1 create:es group/b- -> 1 | 2 create:es group/x- -> 2 | 0 listw group -> ${A} ${B} x-0000000002 | 0 sync | 0 note view | 2 lost | wait 1500 | 1 listw group -> ${A} ${B} | 1 sync | 1 note view | 2 expired | 2 listw group -> ${A} ${B} | 2 sync | 2 note view | 0 close | 1 close | 2 close | 9 sync | 9 list group ->`,
    ],
    [
      "the first to leave is still in the others' views",
      `${BOTH} ${QUIET} | 0 close | 1 event children group | 1 close | 9 sync | 9 list group ->`,
    ],
    [
      'one that crashed is waited for',
      `0 create:es group/a- -> 0 | 0 listw group -> ${A} | 0 sync | 0 note view | 0 lost | 9 sync | 9 list group -> ${A} | wait 2000 | 9 sync | 9 list group ->`,
    ],
    [
      'a list after a sync of a replaced leader',
      `epoch 2 | 0 create:es group/a- -> 0 | epoch 1 | 1 sync | 1 list group -> | epoch 2 | 0 listw group -> ${A} | 0 sync | 0 note view | 0 close | 9 sync | 9 list group ->`,
    ],
    [
      'a joining was refused',
      `0 create:es group/a- !-125 | 0 create:es group/c- -> 0 | 0 listw group -> c-0000000000 | 0 sync | 0 note view | 0 close | 9 sync | 9 list group ->`,
    ],
  ],
  bad: [
    [
      'one is told that it was made under another name',
      'other name',
      `0 create:es group/a- -> x-0000000000 | 9 sync | 9 list group ->`,
    ],
    [
      'a number is given twice, once to one that nobody answered',
      'number given twice',
      `0 create:es group/a- -> 0 | 1 create:es group/b- ? | 1 lost | 0 listw group -> ${A} b-0000000000 | 1 listw group -> ${A} b-0000000000 ${END}`,
    ],
    [
      'one that nobody answered has a number before one that had been given',
      'number out of order',
      `0 create:es group/a- -> 1 | 1 create:es group/b- ? | 1 lost | 0 listw group -> a-0000000001 b-0000000000 | 1 listw group -> a-0000000001 b-0000000000 ${END}`,
    ],
    [
      'one has a view without the other',
      'views differ',
      `${BOTH} | 0 event children group | 0 listw group -> ${A} ${END}`,
    ],
    [
      'one was never told that another joined',
      'views differ',
      `0 create:es group/a- -> 0 | 0 listw group -> ${A} | 1 create:es group/b- -> 1 | 1 listw group -> ${A} ${B} ${END}`,
    ],
    [
      'one was never told that another left',
      'outdated view',
      `${BOTH} | @d 1 delete group/${B} | 1 event children group | =d | 1 listw group -> ${A} ${END}`,
    ],
    [
      'one was never told that another crashed',
      'outdated view',
      `0 create:es group/a- -> 0 | 1 create:es group/b- -> 1 | 2 create:es group/x- -> 2 | 0 listw group -> ${A} ${B} x-0000000002 | 1 listw group -> ${A} ${B} x-0000000002 | 2 lost | 2 new | wait 1500 | 1 event children group | 1 listw group -> ${A} ${B} ${END}`,
    ],
    [
      'one has no view in the end',
      'no view',
      `${BOTH} | 0 sync | 0 note view | 0 close | 1 close | 9 sync | 9 list group ->`,
    ],
    [
      'a member is not listed after a sync',
      'stale',
      `0 create:es group/a- -> 0 | 1 sync | 1 list group -> | 0 listw group -> ${A} | 0 sync | 0 note view | 0 close | 9 sync | 9 list group ->`,
    ],
    [
      'a member does not see itself',
      'lost',
      '0 create:es group/a- -> 0 | 0 listw group -> | 0 sync | 0 note view | 0 close | 9 sync | 9 list group ->',
    ],
    [
      'a member vanishes that lives',
      'vanished',
      `${BOTH} | 2 list group -> ${A} ${B} | 2 list group -> ${A} ${END}`,
    ],
    [
      'a view goes back',
      'came back',
      `${BOTH} | 1 delete group/${B} ? | 2 list group -> ${A} ${B} | 2 list group -> ${A} | 2 list group -> ${A} ${B} ${END}`,
    ],
    [
      'one is listed after it has left',
      'shown after its end',
      `${BOTH} | @d 1 delete group/${B} | 1 event children group | =d | 2 sync | 2 list group -> ${A} ${B} ${END}`,
    ],
    [
      'one is listed after its session was closed',
      'shown after its end',
      `0 create:es group/a- -> 0 | 0 listw group -> ${A} | 0 sync | 0 note view | 0 close | 9 sync | 9 list group -> ${A}`,
    ],
    [
      'one is listed after its session has expired',
      'shown after its end',
      `${BOTH} | 0 lost | wait 1500 | 0 expired | 0 sync | 1 sync | 2 sync | 2 list group -> ${A} ${B} ${END}`,
    ],
    [
      'one that crashed never goes',
      'never expired',
      `0 create:es group/a- -> 0 | 0 listw group -> ${A} | 0 sync | 0 note view | 0 lost | wait 15000 | 9 sync | 9 list group -> ${A}`,
    ],
    [
      'a number is given twice',
      'number given twice',
      `0 create:es group/a- -> 1 | 1 create:es group/b- -> 1 | 0 listw group -> a-0000000001 b-0000000001 | 1 listw group -> a-0000000001 b-0000000001 ${END}`,
    ],
    [
      'numbers go back',
      'number out of order',
      `0 create:es group/a- -> 1 | 1 create:es group/b- -> 0 | 0 listw group -> a-0000000001 b-0000000000 | 1 listw group -> a-0000000001 b-0000000000 ${END}`,
    ],
    [
      'one is listed under another number',
      'other name',
      `0 create:es group/a- -> 0 | 1 list group -> a-0000000004 | 0 listw group -> ${A} | 0 sync | 0 note view | 0 close | 9 sync | 9 list group ->`,
    ],
    [
      'one is there twice',
      'listed twice',
      `0 create:es group/a- ? | 0 lost | 0 listw group -> ${A} a-0000000001 | 0 sync | 0 note view | 0 close | 9 sync | 9 list group ->`,
    ],
    ['one that nobody asked for', 'never added', `${BOTH} | 2 list group -> ${A} ${B} z-0000000007 ${END}`],
    [
      'one that was refused',
      'never added',
      `${BOTH} | 2 create:es group/z- !-125 | 2 list group -> ${A} ${B} z-0000000002 | 2 sync | 2 note view ${END}`,
    ],
    [
      'one is removed twice',
      'removed twice',
      `${BOTH} | @d 1 delete group/${B} | 1 event children group | =d | 1 delete group/${B} | 0 event children group | 0 listw group -> ${A} | 1 listw group -> ${A} ${END}`,
    ],
    [
      'one is removed after its session has been closed',
      'outlived its session',
      `0 create:es group/a- -> 0 | 0 listw group -> ${A} | 0 sync | 0 note view | 0 close | 1 delete group/${A} | 9 sync | 9 list group ->`,
    ],
    ['who leaves does not find itself', 'lost', `${BOTH} | 1 delete group/${B} !-101 ${END}`],
    [
      'a change is shown before its event',
      'shown before its event',
      `${BOTH} | @d 1 delete group/${B} | 1 event children group | =d | 0 list group -> ${A} | 0 event children group | 0 listw group -> ${A} | 1 listw group -> ${A} ${END}`,
    ],
    [
      'an event comes twice',
      'event without a watch',
      `0 create:es group/a- -> 0 | 0 listw group -> ${A} | 1 create:es group/b- -> 1 | 0 event children group | 0 event children group | 0 listw group -> ${A} ${B} | 1 listw group -> ${A} ${B} ${END}`,
    ],
    [
      'one goes before its session may be given up',
      'expired early',
      `${BOTH} ${'| wait 80 | 0 sync | 1 sync '.repeat(9)} | 1 lost | 0 event children group | 0 listw group -> ${A} | 0 sync | 0 note view | 0 close | 9 sync | 9 list group ->`,
    ],
    ['nobody reads in the end', 'not read in the end', '0 sync'],
  ],
};
