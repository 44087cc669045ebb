import { serviceDiscovery } from '../../service-discovery.ts';
import type { Histories } from './histories.ts';

/** Nobody is left. */
const NOBODY = '| 9 sync | 9 list instances ->';

/** Instances are below `instances`; sessions have a second. */
export const serviceDiscoveryHistories: Histories = {
  recipe: serviceDiscovery,
  good: [
    ['nobody was ever there', NOBODY],
    [
      'one registers, is found and leaves',
      '0 create:e instances/a x | 1 sync | 1 list instances -> a | 1 get instances/a -> x 0 | 0 close' +
        NOBODY,
    ],
    ['one is still connected in the end', '0 create:e instances/a x | 9 sync | 9 list instances -> a'],
    ['one crashes and is gone later', '0 create:e instances/a x | 0 lost | wait 1200' + NOBODY],
    [
      'one crashes and is there for a while',
      '0 create:e instances/a x | 0 lost | wait 1500 | 1 sync | 1 list instances -> a | wait 500' + NOBODY,
    ],
    ['an old list lacks it', '0 create:e instances/a x | 1 list instances -> | 0 close' + NOBODY],
    [
      'an old list has it after it has left',
      '0 create:e instances/a x | 0 close | 1 list instances -> a' + NOBODY,
    ],
    [
      'a registration that nobody answered was done',
      '0 create:e instances/a x ? | 1 list instances -> a | 0 close' + NOBODY,
    ],
    [
      'a registration that nobody answered was not done',
      '0 create:e instances/a x ? | 0 sync | 1 list instances -> | 0 close' + NOBODY,
    ],
    [
      'a close that nobody answered was done',
      '0 create:e instances/a x | 0 close ? | 0 lost | 1 sync | 1 list instances ->' + NOBODY,
    ],
    [
      'a close that nobody answered was not done, and the session expires',
      '0 create:e instances/a x | 0 close ? | 0 lost | 1 sync | 1 list instances -> a | wait 2000' + NOBODY,
    ],
    [
      'one comes back under another name',
      '0 create:e instances/a x | 0 close | 0 create:e instances/b y | 1 sync | 1 list instances -> b | 0 close' +
        NOBODY,
    ],
    [
      'one crashes and comes back while the old one is there',
      '0 create:e instances/a x | 0 lost | 0 new | 0 create:e instances/b y | 1 sync | 1 list instances -> a b | wait 1500 | 0 close' +
        NOBODY,
    ],
    [
      'a session expires, and its owner is told',
      '0 create:e instances/a x | 0 lost | wait 1500 | 0 expired | 1 sync | 1 list instances ->' + NOBODY,
    ],
    [
      'a session goes on over another connection',
      '0 create:e instances/a x | 0 lost | 0 set instances/a y -> 1 | 1 sync | 1 list instances -> a | 1 get instances/a -> y 1 | 0 close' +
        NOBODY,
    ],
    [
      'what it said of itself is old',
      '0 create:e instances/a x | 0 set instances/a y -> 1 | 1 get instances/a -> x 0 | 0 close' + NOBODY,
    ],
    [
      'what nobody was told that it said',
      '0 create:e instances/a x | 0 set instances/a y ? | 1 get instances/a -> y 1 | 0 close' + NOBODY,
    ],
    [
      'one is asked for that has left',
      '0 create:e instances/a x | 1 list instances -> a | 0 close | 1 get instances/a !-101' + NOBODY,
    ],
    [
      'a read of a server that lags proves no life',
      '0 create:e instances/a x | wait 1500 | 0 list instances -> a | 1 sync | 1 list instances -> | 0 list instances -> a | 0 lost' +
        NOBODY,
    ],
    [
      'a list after a sync that a leader answered who had been replaced',
      'epoch 2 | 0 create:e instances/a x | epoch 1 | 1 sync | 1 list instances -> | epoch 2 | 0 sync | 0 close' +
        NOBODY,
    ],
    [
      'one that a replaced leader has kept alive is gone',
      '0 create:e instances/a x | wait 1500 | epoch 2 | 1 sync | 1 list instances -> | epoch 1 | 0 sync | epoch 2 | 0 lost' +
        NOBODY,
    ],
    [
      'a watcher is told of both changes',
      '1 listw instances -> | 0 create:e instances/a x | 1 event children instances | 1 listw instances -> a | 0 close | 1 event children instances | 1 listw instances ->' +
        NOBODY,
    ],
    [
      'a session expires when the leader has not been heard of for long',
      '0 create:e instances/a x | wait 300 | 0 sync | wait 400 | 1 sync | 1 list instances -> | 0 lost' +
        NOBODY,
    ],
  ],
  bad: [
    [
      'one is not there, though it lives',
      'lost',
      '0 create:e instances/a x | 1 sync | 1 list instances -> | 0 set instances/a y -> 1 | 0 close' + NOBODY,
    ],
    [
      'one is not there for a while',
      'stale',
      '0 create:e instances/a x | 1 sync | 1 list instances -> | 0 set instances/a y -> 1 | 2 list instances -> a | 0 close' +
        NOBODY,
    ],
    [
      'one vanishes that lives',
      'vanished',
      '0 create:e instances/a x | 1 list instances -> a | 1 list instances -> | 0 sync | 0 close' + NOBODY,
    ],
    [
      'one is not found that lives',
      'vanished',
      '0 create:e instances/a x | 1 list instances -> a | 1 get instances/a !-101 | 0 sync | 0 close' +
        NOBODY,
    ],
    [
      'one is there after it has left',
      'shown after its end',
      '0 create:e instances/a x | 0 close | 1 sync | 1 list instances -> a' + NOBODY,
    ],
    [
      'one is found after it has left',
      'shown after its end',
      '0 create:e instances/a x | 0 close | 1 sync | 1 get instances/a -> x 0' + NOBODY,
    ],
    [
      'one is there after its session has expired',
      'shown after its end',
      '0 create:e instances/a x | 0 lost | wait 1500 | 0 expired | 0 sync | 1 sync | 1 list instances -> a' +
        NOBODY,
    ],
    [
      'one is there again after somebody has seen it gone',
      'shown after its end',
      '0 create:e instances/a x | 1 list instances -> a | 0 lost | wait 1500 | 1 list instances -> | 2 sync | 2 list instances -> a' +
        NOBODY,
    ],
    [
      'one comes back',
      'came back',
      '0 create:e instances/a x | 1 list instances -> a | 0 lost | wait 1500 | 1 list instances -> | 1 list instances -> a' +
        NOBODY,
    ],
    [
      'one that crashed never goes',
      'never expired',
      '0 create:e instances/a x | 0 lost | wait 15000 | 9 sync | 9 list instances -> a',
    ],
    [
      'nobody has waited for one that crashed',
      'not waited for',
      '0 create:e instances/a x | 0 lost | wait 2000 | 9 sync | 9 list instances -> a',
    ],
    [
      'one goes before its session may be given up',
      'expired early',
      `0 create:e instances/a x | 0 sync ${'| wait 90 | 0 sync | 1 sync '.repeat(8)} | 0 lost | 1 sync | 1 list instances ->` +
        NOBODY,
    ],
    [
      'one goes when its connection is lost',
      'expired early',
      `0 create:e instances/a x | 0 sync | 1 list instances -> a ${'| wait 90 | 0 sync | 1 sync '.repeat(8)} | 0 lost | wait 50 | 1 list instances ->` +
        NOBODY,
    ],
    ['one that nobody registered', 'never added', '9 sync | 9 list instances -> a'],
    [
      'one whose registration was refused',
      'never added',
      '0 create:e instances/a x !-125 | 1 list instances -> a' + NOBODY,
    ],
    [
      'one before it registers',
      'never added',
      '1 list instances -> a | 0 create:e instances/a x | 0 close' + NOBODY,
    ],
    [
      'one is there before it registers',
      'there before it was added',
      '0 create:e instances/a x !-110' + NOBODY,
    ],
    [
      'an address that nobody wrote',
      'read of what was not written',
      '0 create:e instances/a x | 1 get instances/a -> z 0 | 0 close' + NOBODY,
    ],
    [
      'the address of another',
      'read of what was not written',
      '0 create:e instances/a x | 1 create:e instances/b y | 2 get instances/a -> y 0 | 0 close | 1 close' +
        NOBODY,
    ],
    [
      'an address before it was written',
      'read of what was not written',
      '0 create:e instances/a x | 1 get instances/a -> y 1 | 0 set instances/a y -> 1 | 0 close' + NOBODY,
    ],
    [
      'an address in another version',
      'value in another version',
      '0 create:e instances/a x | 0 set instances/a y -> 1 | 1 get instances/a -> y 2 | 0 close' + NOBODY,
    ],
    [
      'an address goes back',
      'time went back',
      '0 create:e instances/a x | 0 set instances/a y -> 1 | 1 get instances/a -> y 1 | 1 get instances/a -> x 0 | 0 close' +
        NOBODY,
    ],
    [
      'one does not see what it said itself',
      'time went back',
      '0 create:e instances/a x | 0 set instances/a y -> 1 | 0 get instances/a -> x 0 | 0 close' + NOBODY,
    ],
    [
      'an address is old after a sync',
      'lost or stale',
      '0 create:e instances/a x | 0 set instances/a y -> 1 | 1 sync | 1 get instances/a -> x 0 | 0 close' +
        NOBODY,
    ],
    [
      'one belongs to another session',
      'other owner',
      '0 create:e instances/a x ? | 0 expired | 1 create:e instances/a x ? | 2 get instances/a -> x 0' +
        NOBODY,
    ],
    [
      'a change is shown before its event',
      'shown before its event',
      '1 listw instances -> | 0 create:e instances/a x | 1 list instances -> a | 1 event children instances | 0 close' +
        NOBODY,
    ],
    [
      'an event comes twice',
      'event without a watch',
      '1 listw instances -> | 0 create:e instances/a x | 1 event children instances | 1 event children instances | 0 close' +
        NOBODY,
    ],
    [
      'an event comes to who has not asked',
      'event without a watch',
      '1 list instances -> | 0 create:e instances/a x | 1 event children instances | 0 close' + NOBODY,
    ],
    [
      'one is shown its own registration before the event',
      'shown before its event',
      '0 listw instances -> | 0 create:e instances/a x | 0 event children instances | 0 close' + NOBODY,
    ],
    ['nobody reads in the end', 'not read in the end', '0 create:e instances/a x | 0 close'],
  ],
};
