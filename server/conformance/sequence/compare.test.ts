import t from 'tap';
import { compare, formatMismatch } from './compare.ts';
import type { Difference } from './differences.ts';
import { type Step, Transcript, formatTranscript, parseTranscript } from './transcript.ts';

const step = (id: string, ...observed: string[]): Step => ({ id, request: `A does ${id}`, observed });
const zxidOfEvents: Difference = {
  type: 'rewrite',
  pattern: /zxid=\S+$/,
  replacement: '',
  why: 'versions',
};

await t.test('equal transcripts have no difference, and one changed answer is found', (t) => {
  const steps = [step('a.1', 'ok 0'), step('a.2', 'closed')];
  t.same(compare(steps, steps, []).mismatches, []);
  const [mismatch, ...rest] = compare(
    steps,
    [step('a.1', 'noNode -101'), step('a.2', 'closed')],
    [],
  ).mismatches;
  t.same(rest, []);
  if (mismatch === undefined) throw new Error('no mismatch');
  t.equal(formatMismatch(mismatch), 'a.1 A does a.1\n  - ok 0\n  + noNode -101');
  t.end();
});

await t.test('the order of what was observed counts', (t) => {
  const { mismatches } = compare([step('a.1', 'event', 'ok')], [step('a.1', 'ok', 'event')], []);
  t.equal(mismatches.length, 1);
  t.match(mismatches.map(formatMismatch)[0], 'in another order');
  t.end();
});

await t.test('a run that ended early and another request are differences', (t) => {
  t.equal(compare([step('a.1', 'ok'), step('a.2')], [step('a.1', 'ok')], []).mismatches.length, 1);
  const other = { ...step('a.1', 'ok'), request: 'A does something else' };
  t.equal(compare([step('a.1', 'ok')], [other], []).mismatches.length, 1);
  t.end();
});

await t.test('a known difference explains itself and nothing more', (t) => {
  const expected = [step('a.1', 'event zxid=-1', 'ok')];
  const known = compare(expected, [step('a.1', 'event zxid=@a.1', 'ok')], [zxidOfEvents]);
  t.same(known.mismatches, []);
  t.equal(known.known.get(zxidOfEvents), 1);
  t.equal(compare(expected, [step('a.1', 'event zxid=@a.1', 'no')], [zxidOfEvents]).mismatches.length, 1);
  const answer: Difference = { type: 'step', id: 'a.1', ours: ['closed'], why: 'a bug that is not copied' };
  t.same(compare(expected, [step('a.1', 'closed')], [answer]).mismatches, []);
  t.equal(compare(expected, [step('a.1', 'no')], [answer]).mismatches.length, 1);
  t.end();
});

await t.test(
  'zxids are told by the step that made them, and a transcript is read back as it was written',
  (t) => {
    const transcript = new Transcript();
    transcript.beginScenario('s');
    const first = transcript.begin('A pings');
    transcript.observe(first, transcript.headerZxid(100, first));
    const second = transcript.begin('A writes /é');
    transcript.observe(second, transcript.headerZxid(102, second));
    t.equal(transcript.zxid(100), '@s.1');
    t.equal(transcript.zxid(101), '@s.1+1');
    t.equal(transcript.zxid(102), '@s.2');
    t.equal(transcript.zxid(7), 'before-first');
    transcript.observe(second, transcript.headerZxid(101, second));
    t.same(second.observed, ['zxid+2', 'zxid+-1']);
    t.equal(second.request, 'A writes /\\u00e9');
    t.same(parseTranscript(formatTranscript(transcript.steps)), transcript.steps);
    t.end();
  },
);
