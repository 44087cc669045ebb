import t from 'tap';
import type { ReportEvent } from '../harness/history/report-schema.ts';
import type { Anomaly, AnomalyOp } from '../harness/history/verification.ts';
import { numberOf, swimLanes } from './sections/swim-lanes.ts';

function op(process: number, index: number, invokeMs: number, more: Partial<AnomalyOp> = {}): AnomalyOp {
  const base = { kind: 'setData', outcome: 'ok', node: '/n', completeMs: invokeMs + 10, zxid: '0x1' };
  return { process, index, invokeMs, ...base, ...more };
}

function anomaly(own: readonly AnomalyOp[], around: readonly AnomalyOp[], leftOut = 0): Anomaly {
  const surroundings = { fromMs: 0, toMs: 1000, ops: [...around], leftOut, marks: [] };
  return { name: 'lost write', verdict: 'invalid', explanation: 'it is gone', ops: [...own], surroundings };
}

function fault(label: string, tMs: number, endMs: number | null): ReportEvent {
  return { kind: 'kill', label, tMs, endMs, serverId: 1 };
}

function count(text: string, what: string): number {
  return text.split(what).length - 1;
}

await t.test(
  'each client has a lane, and what the anomaly is made of is numbered as in the table',
  async (t) => {
    const [first, second] = [op(7, 1, 100), op(2, 9, 500)];
    const text =
      swimLanes(anomaly([first, second], [first, op(7, 2, 300), second, op(2, 8, 50)]), [])?.text ?? '';
    t.equal(count(text, '>client '), 2);
    t.ok(text.indexOf('client 2') < text.indexOf('client 7'));
    t.equal(count(text, '<title>'), 4, 'none twice');
    t.equal(count(text, ' own"'), 2);
    const numbers = [...text.matchAll(/class="number"[^>]*>\s*(\d+)/g)].map((match) => match[1]);
    t.same(new Set(numbers), new Set(['1', '2']));
    const lane = /client 7.*?<\/div>/s.exec(text)?.[0] ?? '';
    t.ok(lane.indexOf('class="number"') > lane.lastIndexOf('<rect'), 'no bar lies over them');
  },
);

await t.test('what is under way at once lies in rows, and what was never answered has no end', async (t) => {
  const own = op(1, 1, 100, { completeMs: 400 });
  const open = op(1, 3, 300, { outcome: 'info', completeMs: -1, zxid: null });
  const text = swimLanes(anomaly([own], [own, op(1, 2, 200, { completeMs: 500 }), open]), [])?.text ?? '';
  t.equal(new Set(text.match(/%" y="\d+" width/g)).size, 3);
  t.match(text, /x="30\.00%" y="\d+" width="70\.00%"/, 'to the edge');
  t.match(text, /never answered/);
});

await t.test('faults of that time are on top, and no others', async (t) => {
  const own = op(1, 1, 100);
  const events = [
    fault('now', 50, 200),
    fault('before', 0, 0),
    fault('later', 2000, 3000),
    { ...fault('a point', 100, null), kind: 'elect' },
    fault('since then', 100, null),
  ];
  const text = swimLanes(anomaly([own], [own]), [...events, fault('long past', -9, -1)])?.text ?? '';
  t.match(
    text,
    /; in force then: now, before, since then\s*</,
    'in full, for which there is no room beside a strip',
  );
  t.match(text, /<span>now<\/span>/);
  t.match(text, /<span>since then<\/span>.*?x="10\.00%" y="0" width="90\.00%"/s, 'nobody has seen its end');
  for (const label of ['later', 'a point', 'long past']) t.notMatch(text, `<span>${label}</span>`);
});

await t.test('it says what it leaves out, and escapes what a node is called', async (t) => {
  const own = op(1, 1, 100, { node: '/<script>', completeMs: 900 });
  const text = swimLanes(anomaly([own], [own], 12), [])?.text ?? '';
  t.match(text, /12 operations more are not drawn/);
  t.notMatch(text, '<script');
});

await t.test(
  'there is nothing to draw without operations, or of a run from before there was this',
  async (t) => {
    t.equal(swimLanes(anomaly([], []), []), null);
    const { surroundings: _, ...old } = anomaly([op(1, 1, 1)], []);
    t.equal(swimLanes(old, []), null);
  },
);

await t.test('what befell a client is marked above its bars, and in the key', async (t) => {
  const own = op(1, 1, 100);
  const drawn = anomaly([own], [own]);
  const marks = [
    { process: 1, atMs: 250, kind: 'event' as const, label: '/n was changed' },
    { process: 2, atMs: 300, kind: 'lost' as const, label: 'another client' },
  ];
  const surroundings = drawn.surroundings === undefined ? undefined : { ...drawn.surroundings, marks };
  const text = swimLanes({ ...drawn, surroundings }, [])?.text ?? '';
  t.match(text, /class="mark event" x="25\.00%"[^>]*>\s*<title>\/n was changed/);
  t.match(text, /watch event/);
  t.notMatch(text, /another client/);
});

await t.test('what a client was told unasked has its number where it was told', async (t) => {
  const told = op(2, -1, 600, { kind: '/n was changed', outcome: 'told', completeMs: 600 });
  const [first, text] = [
    op(1, 1, 100),
    swimLanes(anomaly([op(1, 1, 100), told], [op(1, 1, 100)]), [])?.text ?? '',
  ];
  t.equal(numberOf(told, [first, told]), 2);
  t.match(text, /client 2.*?<svg x="60\.00%".*?<title>\/n was changed, told 0x1.*?class="number".*?2/s);
});
