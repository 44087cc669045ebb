import { register } from '../../register.ts';
import type { Histories } from './histories.ts';

/** Client 8 prepares, and client 9 reads in the end. */
export const registerHistories: Histories = {
  recipe: register,
  before: '8 create r0 a -> 0',
  good: [
    ['nobody does anything', '9 get r0 -> a 0'],
    ['one write', '0 set r0 b -> 1 | 9 get r0 -> b 1'],
    ['two writes of one', '0 set r0 b -> 1 | 0 set r0 c -> 2 | 9 get r0 -> c 2'],
    ['two writes of two', '0 set r0 b -> 1 | 1 set r0 c -> 2 | 9 get r0 -> c 2'],
    ['two at once, the later answered first', '@p 0 set r0 b -> 2 | 1 set r0 c -> 1 | =p | 9 get r0 -> b 2'],
    ['compared and set', '0 get r0 -> a 0 | 0 set r0 b if 0 -> 1 | 9 get r0 -> b 1'],
    ['a comparison fails', '0 set r0 b -> 1 | 1 set r0 c if 0 !-103 | 9 get r0 -> b 1'],
    ['of two that compare one wins', '0 set r0 b if 0 -> 1 | 1 set r0 c if 0 !-103 | 9 get r0 -> b 1'],
    ['one after the other compares', '0 set r0 b if 0 -> 1 | 1 set r0 c if 1 -> 2 | 9 get r0 -> c 2'],
    ['what nobody answered was done', '0 set r0 b ? | 9 get r0 -> b 1'],
    ['what nobody answered was not done', '0 set r0 b ? | 9 get r0 -> a 0'],
    ['what nobody answered was overwritten', '0 set r0 b ? | 1 set r0 c -> 2 | 9 get r0 -> c 2'],
    [
      'a comparison that nobody answered was done',
      '0 set r0 b if 0 ? | 1 set r0 c if 0 !-103 | 9 get r0 -> b 1',
    ],
    [
      'what nobody answered is done late',
      '0 set r0 b ? | 1 get r0 -> a 0 | 2 get r0 -> b 1 | 9 get r0 -> b 1',
    ],
    ['another sees what is old', '0 set r0 b -> 1 | 1 get r0 -> a 0 | 9 get r0 -> b 1'],
    [
      'one sees what is new and then no older',
      '0 set r0 b -> 1 | 1 get r0 -> b 1 | 1 get r0 -> b 1 | 9 get r0 -> b 1',
    ],
    [
      'another session of the same client sees what is older',
      '0 set r0 b -> 1 | 1 get r0 -> b 1 | 1 expired | 1 get r0 -> a 0 | 9 get r0 -> b 1',
    ],
    [
      'it goes on over another connection',
      '0 set r0 b -> 1 | 1 get r0 -> b 1 | 1 lost | 1 get r0 -> b 1 | 9 get r0 -> b 1',
    ],
    ['a read sees a write that is on its way', '@p 0 set r0 b -> 1 | 1 get r0 -> b 1 | =p | 9 get r0 -> b 1'],
    [
      'two registers do not know of one another',
      '8 create r1 x -> 0 | 0 set r0 b -> 1 | 9 get r1 -> x 0 | 9 get r0 -> b 1',
    ],
    ['a write is refused, and not seen', '0 set r0 b !-125 | 9 get r0 -> a 0'],
    ['a read finds nothing, of which no version is known', '0 get r0 !-101 | 9 get r0 -> a 0'],
    ['a read is never answered', '0 get r0 ? | 9 get r0 -> a 0'],
    ['a word that a session ended: it may have been done', '0 set r0 b !-112 | 9 get r0 -> b 1'],
  ],
  bad: [
    ['two made one version', 'version given twice', '0 set r0 b -> 1 | 1 set r0 c -> 1 | 9 get r0 -> c 1'],
    ['one made the version that was created', 'version given twice', '0 set r0 b -> 0 | 9 get r0 -> b 0'],
    [
      'two that compare both win',
      'version given twice',
      '0 set r0 b if 0 -> 1 | 1 set r0 c if 0 -> 1 | 9 get r0 -> c 1',
    ],
    [
      'a comparison with a version that was overwritten wins',
      'compared with another version',
      '0 set r0 b -> 1 | 1 set r0 c if 0 -> 2 | 9 get r0 -> c 2',
    ],
    [
      'a comparison skips a version',
      'compared with another version',
      '0 set r0 b if 0 -> 2 | 9 get r0 -> b 2',
    ],
    ['a value out of nowhere', 'read of what was not written', '0 get r0 -> z 1 | 9 get r0 -> a 0'],
    [
      'nothing where something was written',
      'read of what was not written',
      '0 get r0 -> 0 | 9 get r0 -> a 0',
    ],
    ['a value that was refused', 'read of what was not written', '0 set r0 b if 3 !-103 | 9 get r0 -> b 1'],
    [
      'a value of another register',
      'read of what was not written',
      '8 create r1 x -> 0 | 9 get r1 -> x 0 | 9 get r0 -> x 0',
    ],
    ['a value in a later version', 'value in another version', '0 set r0 b -> 1 | 9 get r0 -> b 2'],
    ['a value in an earlier version', 'value in another version', '0 set r0 b -> 1 | 9 get r0 -> b 0'],
    [
      'an old value in the version of a new one',
      'value in another version',
      '0 set r0 b -> 1 | 9 get r0 -> a 1',
    ],
    [
      'one session sees an older one again',
      'time went back',
      '0 set r0 b -> 1 | 1 get r0 -> b 1 | 1 get r0 -> a 0 | 9 get r0 -> b 1',
    ],
    [
      'over another connection it sees an older one',
      'time went back',
      '0 set r0 b -> 1 | 1 get r0 -> b 1 | 1 lost | 1 get r0 -> a 0 | 9 get r0 -> b 1',
    ],
    [
      'what nobody answered is seen and then gone',
      'time went back',
      '0 set r0 b ? | 1 get r0 -> b 1 | 1 get r0 -> a 0 | 9 get r0 -> b 1',
    ],
    ['a write that was acknowledged is not there', 'lost write', '0 set r0 b -> 1 | 9 get r0 -> a 0'],
    ['the last of two is not there', 'lost write', '0 set r0 b -> 1 | 1 set r0 c -> 2 | 9 get r0 -> b 1'],
    [
      'one of two registers has lost a write',
      'lost write',
      '8 create r1 x -> 0 | 0 set r0 b -> 1 | 0 set r1 y -> 1 | 9 get r0 -> b 1 | 9 get r1 -> x 0',
    ],
    [
      'a comparison that was acknowledged is not there',
      'lost write',
      '0 set r0 b if 0 -> 1 | 9 get r0 -> a 0',
    ],
    [
      'a writer sees what was before its own write',
      'time went back',
      '0 set r0 b -> 1 | 0 get r0 -> a 0 | 9 get r0 -> b 1',
    ],
    [
      'a version is not of the write that nobody answered, but of another',
      'value in another version',
      '0 set r0 b ? | 1 set r0 c -> 1 | 2 get r0 -> c 2 | 9 get r0 -> c 1',
    ],
    [
      'one is asked for after a later version was acknowledged',
      'written out of order',
      '0 set r0 b -> 2 | 1 set r0 c -> 1 | 9 get r0 -> b 2',
    ],
    [
      'a register is not there any more',
      'time went back',
      '0 set r0 b -> 1 | 1 get r0 -> b 1 | 1 get r0 !-101 | 9 get r0 -> b 1',
    ],
    [
      'two values are read in one version',
      'version given twice',
      '0 set r0 b ? | 1 set r0 c ? | 1 get r0 -> b 1 | 2 get r0 -> c 1 | 9 get r0 -> c 1',
    ],
    [
      'a value is read before it was written',
      'read before it was written',
      '1 get r0 -> b 1 | 0 set r0 b -> 1 | 9 get r0 -> b 1',
    ],
    ['nobody reads in the end', 'not read in the end', '0 set r0 b -> 1'],
  ],
};
