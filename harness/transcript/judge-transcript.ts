import { JuteReader } from '../../server/wire/jute-reader.ts';
import type { CheckerResult } from '../history/verification.ts';
import { applyCommitted, type CommittedTxn } from '../model/committed-effect.ts';
import { GhostTree, hex, zx } from '../model/ghost-tree.ts';
import type { Model, Subject } from '../model/model.ts';
import { checkMultiReadReply, checkReadReply, checkWriteReply } from '../model/reply-check.ts';
import { isReadOp, type MultiReadOp, type RequestOp } from '../model/request-op.ts';
import { RequestLedger } from '../model/request-ledger.ts';
import { SessionView } from '../model/session-view.ts';
import { FindingTally } from '../checkers/finding-tally.ts';
import type { BrokenPromise } from '../checkers/promises.ts';
import type { CommittedHistory } from './committed-history.ts';
import { inWords, type Named } from './report-in-words.ts';
import type { Exchange, Happening } from './happening.ts';

/** What a broken promise is called (reliability §5). */
const NAMES: Readonly<Record<string, BrokenPromise>> = {
  C1: 'time went back',
  C2: 'replies out of order',
  C3: 'split multi',
  C4: 'wrong read',
  C5: 'wrong write',
  C7: 'wrong watch event',
  C8: 'late watch event',
  C9: 'act of an ended session',
  C11: 'wrong word about a session',
  C12: 'wrong path',
  C13: 'write nobody asked for',
  P10: 'impossible txn',
};

export interface Evidence {
  /** In the order of time. */
  readonly happenings: readonly Happening[];
  /** Whether nothing is missing at their end. */
  readonly isWhole: boolean;
  readonly committed: CommittedHistory;
  /** Whether some of them are Apache's. */
  readonly hasApacheServers: boolean;
}

/**
 * Holds what clients were told, byte for byte, against what the servers have committed: every acknowledged write is in
 * their logs as it was asked for and in the order in which it was acknowledged, every read shows exactly the tree of the
 * zxid that it names, no session goes back in time, every watch tells of the first change after it and of that before
 * anything else could show it, a multi is done as a whole, and who was told that its session has ended is right to
 * believe it (C1–C5, C7–C9, C11–C13).
 */
export function judgeTranscript(evidence: Evidence): CheckerResult {
  const startedMs = performance.now();
  const judge = new TranscriptJudge(evidence);
  const opsChecked = judge.run();
  return judge.result(opsChecked, performance.now() - startedMs);
}

/** The end of a session of which its client was told. */
interface End {
  readonly zxid: number;
  readonly told: Happening & { type: 'expired' };
}

class TranscriptJudge implements Model {
  readonly hasApacheServers: boolean;
  readonly tree = new GhostTree();
  readonly requests = new RequestLedger({ hasStrangers: true });
  readonly #evidence: Evidence;
  readonly #committed: ReadonlySet<number>;
  readonly #eventsHaveZxids: boolean;
  readonly #reader = new JuteReader();
  readonly #views = new Map<bigint, SessionView>();
  readonly #ackedBefore = new Map<Exchange, number>();
  /** Sessions whose clients have been told of their end, by then: the last zxid of such an end, and whose. */
  #lastEnd: End | null = null;
  readonly #endsBefore = new Map<Exchange, End>();
  readonly #tally = new FindingTally();
  /** By session and xid. */
  readonly #exchanges = new Map<string, Exchange>();
  /** Those that have become a txn, by its zxid. */
  readonly #txns = new Map<number, Exchange>();
  /** What is being looked at. */
  #at: Happening | null = null;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.hasApacheServers = evidence.hasApacheServers;
    this.#committed = new Set(evidence.committed.txns.map(({ header }) => header.zxid));
    this.#eventsHaveZxids = evidence.happenings.some(({ type, ...rest }) => {
      return type === 'event' && 'zxid' in rest && rest.zxid >= 0;
    });
  }

  /** @returns how many replies and events were looked at. */
  run(): number {
    const { happenings, isWhole, committed } = this.#evidence;
    if (!isWhole) this.#doubt('cut transcript', 'the end of what the clients have seen is missing');
    for (const gap of committed.gaps) this.#doubt('lost logs', gap);
    for (const contradiction of committed.contradictions) this.report('P8', contradiction);
    for (const happening of happenings)
      if (happening.type === 'request') this.#tellLedger(happening.exchange);
    for (const txn of committed.txns) this.#apply(txn);
    let checked = 0;
    for (const happening of happenings) {
      this.#see(happening);
      if (happening.type === 'reply' || happening.type === 'event') checked++;
    }
    return checked;
  }

  result(opsChecked: number, durationMs: number): CheckerResult {
    return this.#tally.result({ name: 'client-contract', opsChecked, durationMs });
  }

  // ---- the model -----------------------------------------------------------------------------------------

  isCommitted(zxid: number): boolean {
    return this.#committed.has(zxid) || zxid % 2 ** 32 === 0;
  }

  report(property: string, message: string, subjects: readonly Subject[] = []): void {
    const at = this.#at;
    this.#tally.invalid(NAMES[property] ?? 'logs that disagree', () => {
      const named = subjects.flatMap((subject): Named[] => {
        const evidence = this.#find(subject, at);
        return evidence === null ? [] : [{ evidence, zxid: subject.zxid }];
      });
      return inWords(`${property}: ${message}`, at, named);
    });
  }

  mark(): void {
    // A run counts what it has been through in its own way.
  }

  // ---- inside --------------------------------------------------------------------------------------------

  #tellLedger(exchange: Exchange): void {
    const { op, session, xid } = exchange;
    this.#exchanges.set(`${session} ${xid}`, exchange);
    if (op === null) this.#doubt('unknown request', `session ${hex(session)} asks for what no model knows`);
    else if (isWriteOp(op)) this.requests.sent(session, xid, op);
  }

  #apply(txn: CommittedTxn): void {
    const { clientId, cxid, zxid } = txn.header;
    const exchange = this.#exchanges.get(`${clientId} ${cxid}`);
    if (exchange !== undefined) this.#txns.set(zxid, exchange);
    applyCommitted(this, txn);
  }

  /** What shows it to people, of what was told until now; null where that is in no transcript. */
  #find({ is, zxid, session, path }: Subject, at: Happening | null): Exchange | null {
    if (is === 'txn') return this.#txns.get(zxid) ?? null;
    let last: Exchange | null = null;
    for (const happening of this.#evidence.happenings) {
      if (happening === at) break;
      if (happening.type !== 'reply' || happening.exchange.session !== session) continue;
      const { op, reply } = happening.exchange;
      const isAbout = path === undefined || (op !== null && isReadOp(op) && op.path === path && op.watch);
      if (reply?.zxid === zxid && isAbout) last = happening.exchange;
    }
    return last;
  }

  #see(happening: Happening): void {
    this.#at = happening;
    switch (happening.type) {
      case 'request':
        this.#ackedBefore.set(happening.exchange, this.requests.ackedZxid);
        if (this.#lastEnd !== null) this.#endsBefore.set(happening.exchange, this.#lastEnd);
        return;
      case 'reply':
        this.#checkReply(happening.exchange);
        return;
      case 'event':
        this.#viewOf(happening.session).onEvent(happening.eventType, happening.path, happening.zxid);
        return;
      case 'attached':
        this.#checkAttached(happening);
        return;
      case 'expired':
        this.#checkExpired(happening);
        return;
      case 'stray':
        this.report(
          'C2',
          `session ${hex(happening.session)} has a reply to ${happening.xid}, which was not next`,
        );
        return;
      case 'lost':
      case 'note':
    }
  }

  #checkAttached({ session, asked }: Happening & { type: 'attached' }): void {
    if (asked !== 0n && asked !== session)
      this.report('C11', `session ${hex(asked)} comes back as ${hex(session)}`);
    if (!this.tree.sessions.has(session) && !this.tree.closedAt.has(session))
      this.report('C11', `session ${hex(session)} is told of, and was never committed`);
    this.#viewOf(session).onConnected();
  }

  #checkExpired(told: Happening & { type: 'expired' }): void {
    const { session } = told;
    const zxid = this.tree.closedAt.get(session);
    if (zxid === undefined)
      this.report('C11', `session ${hex(session)} is told that it has expired, and has not`);
    else if (zxid > (this.#lastEnd?.zxid ?? 0)) this.#lastEnd = { zxid, told };
  }

  /** What was asked for after somebody had been told comes after what he was told of. */
  #checkEndsBefore(exchange: Exchange, zxid: number): void {
    const end = this.#endsBefore.get(exchange);
    if (end === undefined || end.zxid < zxid) return;
    const { told } = end;
    this.#tally.invalid('wrong word about a session', () => {
      const what = `session ${hex(told.session)} was told that it had expired`;
      const order = `it ended at ${zx(end.zxid)} only, behind ${zx(zxid)}, which was asked for after that`;
      return inWords(`C11: ${what}, and ${order}`, this.#at, [{ evidence: told, zxid: end.zxid }]);
    });
  }

  #checkReply(exchange: Exchange): void {
    const { session, xid, op, reply } = exchange;
    if (op === null || reply === null) return;
    const { err, zxid, body } = reply;
    this.#reader.reset(body, new DataView(body.buffer, body.byteOffset, body.length), 0, body.length);
    const answer = { err, zxid, body: this.#reader };
    const view = this.#viewOf(session);
    view.onReply(zxid);
    if (op.f === 'sync' || op.f === 'reconfig') return;
    if (op.f === 'multiRead') {
      checkMultiReadReply(this, op, answer);
      return;
    }
    if (isReadOp(op)) {
      checkReadReply(this, op, answer);
      if (op.watch && (err === 0 || op.f === 'exists'))
        view.setWatch(op.f === 'getChildren' ? 'child' : err === 0 ? 'data' : 'exist', op.path, zxid);
      return;
    }
    const ackedBefore = this.#ackedBefore.get(exchange) ?? 0;
    this.#checkEndsBefore(exchange, zxid);
    checkWriteReply(this, session, { xid, op, ackedBefore }, answer);
  }

  #viewOf(session: bigint): SessionView {
    let view = this.#views.get(session);
    if (view === undefined) {
      view = new SessionView(this, session, { eventsHaveZxids: this.#eventsHaveZxids });
      this.#views.set(session, view);
    }
    return view;
  }

  #doubt(name: string, explanation: string): void {
    this.#tally.unknown(name, () => ({ explanation, ops: [] }));
  }
}

type Write = Parameters<RequestLedger['sent']>[2];

function isWriteOp(op: RequestOp | MultiReadOp | Write): op is Write {
  return op.f !== 'sync' && op.f !== 'multiRead' && !isReadOp(op);
}
