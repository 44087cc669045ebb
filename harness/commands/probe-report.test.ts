import t from 'tap';
import { reportSchema } from '../history/report-schema.ts';
import { PROBE_OUTCOME } from '../probes/probe-record.ts';
import type { RoleObservation } from '../probes/probe-record.ts';
import { probesOnPaper } from '../probes/testing/probe-log.ts';
import { availabilityOf, type FaultInstants, probedRecoveries } from './probe-report.ts';

const { notConnected } = PROBE_OUTCOME;
const { availability: availabilitySchema, recovery: recoverySchema } = reportSchema.shape;

function role(serverId: number, atMs: number, role: RoleObservation['role']): RoleObservation {
  return { serverId, askedNs: atMs * 1e6, answeredNs: atMs * 1e6, role };
}

/** Nobody is served from 2000 to 2400, and from 5000 to 5600. */
const LOG = probesOnPaper({
  serverIds: [1],
  endMs: 8000,
  fate: (atMs) =>
    (atMs >= 2000 && atMs < 2400) || (atMs >= 5000 && atMs < 5600)
      ? { tookMs: 1, outcome: notConnected }
      : { tookMs: 2 },
  roles: [role(1, 20, 'leader'), role(1, 520, 'leader'), role(1, 2010, null), role(1, 2450, 'leader')],
});

function fault(injectedAtMs: number, mendedAtMs: number | null): FaultInstants {
  return { fault: 'kill-any', label: `server 1 killed at ${injectedAtMs}`, injectedAtMs, mendedAtMs };
}

await t.test('every class at every target has its share, its errors and its bins', async (t) => {
  const section = availabilitySchema.parse(availabilityOf({ log: LOG, summary: null }));
  t.equal(section?.rows.length, 6);
  const row = section?.rows.find(({ probeClass, serverId }) => probeClass === 'write' && serverId === null);
  t.match(row, { intended: 400, ok: 350, errors: { NotConnected: 50 }, binMs: 100, intervalMs: 20 });
  t.same(row?.bins.slice(18, 26), [1, 1, 0, 0, 0, 0, 1, 1]);
  t.same(section?.roles, [
    {
      serverId: 1,
      spans: [
        { fromMs: 0, toMs: 2010, role: 'leader' },
        { fromMs: 2010, toMs: 2450, role: null },
        { fromMs: 2450, toMs: 7980, role: 'leader' },
      ],
    },
  ]);
  t.match(section?.prober, { lagMaxMs: 0, cpuShare: null, limited: false, reasons: [] });
});

await t.test('each fault has its own window, and the baseline is from before the first', async (t) => {
  const section = recoverySchema.parse(probedRecoveries(LOG, [fault(2000, 2390), fault(5000, null)]));
  t.match(section?.faults, [
    {
      fault: 'server 1 killed at 2000',
      kind: 'kill-any',
      untilMs: 5000,
      detectedAtMs: 2001,
      steadyAtMs: 2400,
    },
    { healedAtMs: null, untilMs: 7980, detectedAtMs: 5001, steadyAtMs: 5600, rejoinedAtMs: 5602 },
  ]);
  const gaps = section?.faults.map(
    ({ series }) => series.find(({ serverId }) => serverId === null)?.longestGapMs,
  );
  t.same(gaps, [420, 620]);
});

await t.test('without probes or faults there is nothing to say', async (t) => {
  const empty = { ...LOG, records: [], roles: [] };
  t.equal(availabilityOf({ log: empty, summary: null }), null);
  t.equal(probedRecoveries(empty, [fault(2000, null)]), null);
  t.equal(probedRecoveries(LOG, []), null);
});
