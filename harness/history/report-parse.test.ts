import t from 'tap';
import { formatReport, parseReport, ReportError } from './report-parse.ts';
import { REPORT_SCHEMA } from './report-schema.ts';
import type { ReportInput } from './report-schema.ts';

const SMALLEST: ReportInput = {
  schema: REPORT_SCHEMA,
  identity: {
    runId: 'r1',
    toolVersion: '0.1.0',
    command: 'npm run bench',
    startedAt: '2026-01-01T00:00:00.000Z',
    status: 'interrupted',
  },
};

function codeOf(text: string): string {
  try {
    parseReport(text);
    return 'accepted';
  } catch (error) {
    if (error instanceof ReportError) return error.code;
    throw error;
  }
}

await t.test('a report comes back as it was written', async (t) => {
  const written: ReportInput = {
    ...SMALLEST,
    totals: [{ op: 'create', phase: 'measure', count: 3, ok: 2, unknown: 1, errors: { ConnectionLoss: 1 } }],
    timeline: { intervalMs: 1000, points: [{ tMs: 0, ok: { create: 2 }, errors: 1, p99Us: 812.5 }] },
  };
  const read = parseReport(formatReport(written));
  t.match(read, written);
  t.same(parseReport(formatReport(read)), read, 'and a second time without any change');
});

await t.test('what an interrupted run lacks is read as null or empty', async (t) => {
  const read = parseReport(JSON.stringify(SMALLEST));
  t.equal(read.target, null);
  t.equal(read.timeline, null);
  t.same(read.totals, []);
  t.equal(read.identity.durationMs, null);
});

await t.test('a field added later within the same schema version is let through', async (t) => {
  t.equal(codeOf(JSON.stringify({ ...SMALLEST, weather: 'fine' })), 'accepted');
});

await t.test('each kind of unreadable file has its own code', async (t) => {
  t.equal(codeOf('{"schema": "stampede.rep'), 'corrupt');
  t.equal(codeOf('[]'), 'foreign');
  t.equal(codeOf('{"schema":"zkbench.result/1"}'), 'foreign');
  t.equal(codeOf('{"schema":"stampede.report/2"}'), 'newer-schema');
  t.equal(codeOf(`{"schema":"${REPORT_SCHEMA}"}`), 'corrupt');
  t.equal(
    codeOf(JSON.stringify({ ...SMALLEST, totals: [{ op: 'x', phase: 'all', count: -1, ok: 0 }] })),
    'corrupt',
  );
});

await t.test('a value the schema refuses is not written', async (t) => {
  t.throws(() =>
    formatReport({ ...SMALLEST, verdict: { passed: true, exitCode: 300, sentence: 'impossible' } }),
  );
});
