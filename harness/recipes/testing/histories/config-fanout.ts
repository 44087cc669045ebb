import { configFanout } from '../../config-fanout.ts';
import type { Histories } from './histories.ts';

/** Watcher 1 comes to rest. */
const QUIET = '| 1 sync | 1 note quiet';

/** Settings 0 and 1 begin in version 0; client 0 writes. */
export const configFanoutHistories: Histories = {
  recipe: configFanout,
  before:
    '8 create setting-0 a0 | 8 create setting-1 b0 | 8 create setting-2 c0 | 8 create setting-3 d0 | 8 close',
  good: [
    [
      'a setting whose making nobody answered, and that was asked for again',
      '8 create setting-0 a1 ? | 8 create setting-0 a2 ? | 8 create setting-0 a3 !-110 | 2 get setting-0 -> a0 0',
    ],
    ['nobody writes and nobody watches', ''],
    [
      'a watcher is told, and reads again',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x -> 1 | 1 event changed setting-0 | 1 getw setting-0 -> x 1 ${others()}`,
    ],
    [
      'an event comes before the acknowledgement',
      `1 getw setting-0 -> a0 0 | @w 0 set setting-0 x -> 1 | 1 event changed setting-0 | =w | 1 getw setting-0 -> x 1 ${others()}`,
    ],
    [
      'who is told reads a still newer one',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x -> 1 | 0 set setting-0 y -> 2 | 1 event changed setting-0 | 1 getw setting-0 -> y 2 ${others()}`,
    ],
    [
      'a write that nobody answered was done',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x ? | 1 event changed setting-0 | 1 getw setting-0 -> x 1 ${others()}`,
    ],
    [
      'a write that nobody answered was not done',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x ? ${others()}`,
    ],
    [
      'a write that nobody answered is done after the next',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x ? | 0 expired | 0 set setting-0 y -> 1 | 1 event changed setting-0 | 1 getw setting-0 -> y 1 | 1 event changed setting-0 | 1 getw setting-0 -> x 2 ${others()}`,
    ],
    [
      'a watch is set twice and fires once',
      `1 getw setting-0 -> a0 0 | 1 getw setting-0 -> a0 0 | 0 set setting-0 x -> 1 | 1 event changed setting-0 | 1 getw setting-0 -> x 1 ${others()}`,
    ],
    ['an old read', '0 set setting-0 x -> 1 | 2 get setting-0 -> a0 0'],
    [
      'a read of both after a change of both',
      '0 multi set setting-0 x -> 1 ; set setting-1 x -> 1 | 2 sync | 2 get setting-0 -> x 1 | 2 get setting-1 -> x 1',
    ],
    [
      'the second of two reads sees the change of both',
      '0 multi set setting-0 x -> 1 ; set setting-1 x -> 1 | 2 get setting-0 -> a0 0 | 2 get setting-1 -> x 1',
    ],
    [
      'a change of both that nobody answered is seen whole',
      '0 multi set setting-0 x ; set setting-1 x ? | 2 get setting-1 -> x 1 | 2 get setting-0 -> x 1',
    ],
    [
      'a change of both that was refused',
      '0 multi! set setting-0 x if 4 ; set setting-1 x | 2 sync | 2 get setting-0 -> a0 0',
    ],
    [
      'a watch outlives its connection',
      `1 getw setting-0 -> a0 0 | 1 lost | 0 set setting-0 x -> 1 | 1 event changed setting-0 | 1 getw setting-0 -> x 1 ${others()}`,
    ],
    [
      'a watch does not outlive its session',
      `1 getw setting-0 -> a0 0 | 1 expired | 0 set setting-0 x -> 1 | 1 getw setting-0 -> x 1 ${others()}`,
    ],
    [
      'a new session may see what is older',
      '0 set setting-0 x -> 1 | 2 get setting-0 -> x 1 | 2 expired | 2 get setting-0 -> a0 0',
    ],
    [
      'a read after a sync that a leader answered who had been replaced',
      'epoch 2 | 0 set setting-0 x -> 1 | epoch 1 | 2 sync | 2 get setting-0 -> a0 0',
    ],
    [
      'a read after a sync that was sent before the acknowledgement',
      '@w 0 set setting-0 x -> 1 | @s 2 sync | =w | =s | 2 get setting-0 -> a0 0',
    ],
    [
      'a watcher that was told of all comes to rest before a last one that nobody answered',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x ? ${others()} | 9 get setting-0 -> x 1`,
    ],
    [
      'the writer is told of its own, before it is acknowledged',
      '0 getw setting-0 -> a0 0 | @w 0 set setting-0 x -> 1 | 0 event changed setting-0 | =w | 0 sync | 0 getw setting-0 -> x 1 | 0 getw setting-1 -> b0 0 | 0 getw setting-2 -> c0 0 | 0 getw setting-3 -> d0 0 | 0 sync | 0 note quiet',
    ],
    [
      'one is told of one setting and another of another',
      `1 getw setting-0 -> a0 0 | 1 getw setting-1 -> b0 0 | 1 getw setting-2 -> c0 0 | 1 getw setting-3 -> d0 0 | 0 set setting-1 x -> 1 | 1 event changed setting-1 | 1 getw setting-1 -> x 1 ${QUIET}`,
    ],
  ],
  bad: [
    [
      'a watcher is never told',
      'missed change',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x -> 1 ${others()}`,
    ],
    [
      'a watcher is not told of the second',
      'missed change',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x -> 1 | 1 event changed setting-0 | 1 getw setting-0 -> x 1 | 0 set setting-0 y -> 2 ${others()}`,
    ],
    [
      'a watch does not outlive its connection',
      'missed change',
      `1 getw setting-0 -> a0 0 | 1 lost | 0 set setting-0 x -> 1 ${others()}`,
    ],
    ['a watcher does not come to rest', 'not quiet', '1 getw setting-0 -> a0 0'],
    [
      'a watch fires twice',
      'event without a watch',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x -> 1 | 1 event changed setting-0 | 1 event changed setting-0 | 1 getw setting-0 -> x 1 ${others()}`,
    ],
    ['nobody has set a watch', 'event without a watch', '0 set setting-0 x -> 1 | 2 event changed setting-0'],
    [
      'a read without a watch sets none',
      'event without a watch',
      '2 get setting-0 -> a0 0 | 0 set setting-0 x -> 1 | 2 event changed setting-0',
    ],
    [
      'a watch of another setting fires',
      'event without a watch',
      `1 getw setting-0 -> a0 0 | 0 set setting-1 x -> 1 | 1 event changed setting-1 ${others()}`,
    ],
    [
      'an event of children',
      'event without a watch',
      `1 getw setting-0 -> a0 0 | 1 event children setting-0 ${others()}`,
    ],
    [
      'a watch fires for a new session',
      'event without a watch',
      '1 getw setting-0 -> a0 0 | 1 expired | 0 set setting-0 x -> 1 | 1 event changed setting-0',
    ],
    [
      'a change is shown before its event',
      'shown before its event',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x -> 1 | 1 get setting-0 -> x 1 | 1 event changed setting-0 | 1 getw setting-0 -> x 1 ${others()}`,
    ],
    [
      'a change is shown over another connection before its event',
      'shown before its event',
      `1 getw setting-0 -> a0 0 | 0 set setting-0 x -> 1 | 1 lost | 1 get setting-0 -> x 1 | 1 event changed setting-0 | 1 getw setting-0 -> x 1 ${others()}`,
    ],
    [
      'a write is acknowledged to its watcher before the event',
      'shown before its event',
      '0 getw setting-0 -> a0 0 | 0 set setting-0 x -> 1 | 0 event changed setting-0',
    ],
    [
      'a session goes back',
      'time went back',
      '0 set setting-0 x ? | 2 get setting-0 -> x 1 | 2 get setting-0 -> a0 0',
    ],
    [
      'a session goes back over another connection',
      'time went back',
      '0 set setting-0 x ? | 2 get setting-0 -> x 1 | 2 lost | 2 get setting-0 -> a0 0',
    ],
    [
      'a change of both is split',
      'split change',
      '0 multi set setting-0 x -> 1 ; set setting-1 x -> 1 | 2 get setting-0 -> x 1 | 2 get setting-1 -> b0 0',
    ],
    [
      'a change of both that nobody answered is split',
      'split change',
      '0 multi set setting-0 x ; set setting-1 x ? | 2 get setting-0 -> x 1 | 2 get setting-1 -> b0 0 | 3 get setting-1 -> x 1',
    ],
    [
      'half of a change is missing after a sync',
      'lost or stale',
      '0 multi set setting-0 x -> 1 ; set setting-1 x -> 1 | 2 sync | 2 get setting-1 -> b0 0',
    ],
    ['old after a sync', 'lost or stale', '0 set setting-0 x -> 1 | 2 sync | 2 get setting-0 -> a0 0'],
    ['the writer does not see its own', 'lost or stale', '0 set setting-0 x -> 1 | 0 get setting-0 -> a0 0'],
    ['what nobody wrote', 'read of what was not written', '2 get setting-0 -> z 1'],
    [
      'what was written elsewhere',
      'read of what was not written',
      '0 set setting-1 x -> 1 | 2 get setting-0 -> x 1',
    ],
    ['what was refused', 'read of what was not written', '0 set setting-0 x !-103 | 2 get setting-0 -> x 1'],
    [
      'what is not written yet',
      'read of what was not written',
      '2 get setting-0 -> x 1 | 0 set setting-0 x -> 1',
    ],
    [
      'a value in another version',
      'value in another version',
      '0 set setting-0 x -> 1 | 2 get setting-0 -> x 2',
    ],
    ['two writes of one version', 'version given twice', '0 set setting-0 x -> 1 | 0 set setting-0 y -> 1'],
    ['a setting is not there', 'lost setting', '2 get setting-0 !-101'],
  ],
};

/** Watcher 1 watches the others as well, and comes to rest. */
function others(): string {
  return `| 1 getw setting-1 -> b0 0 | 1 getw setting-2 -> c0 0 | 1 getw setting-3 -> d0 0 ${QUIET}`;
}
