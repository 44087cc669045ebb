import { OpCode } from '../../../server/wire/opcode.ts';
import type { Exchange, Happening, Reply } from '../happening.ts';
import type { Evidence } from '../judge-transcript.ts';

/** A recording with one thing changed, and how many operations it takes to show that a promise is broken. */
interface Breach {
  readonly shownBy: number;
  readonly change: (evidence: Evidence) => Evidence;
}

/** By the name of the finding. */
export const BROKEN: Readonly<Record<string, Breach>> = {
  'time went back': {
    shownBy: 2,
    change: (evidence) => withReply(evidence, answeredIn(evidence, 'getData').at(-1), () => ({ zxid: 1 })),
  },
  'replies out of order': {
    shownBy: 1,
    change: (evidence) => withMore(evidence, { type: 'stray', ...whoIn(evidence), xid: 99 }),
  },
  'split multi': {
    shownBy: 1,
    change: (evidence) => withReply(evidence, answeredIn(evidence, 'multi').at(-1), flippedAt(12)),
  },
  'wrong read': {
    shownBy: 2,
    change: (evidence) => withReply(evidence, answeredIn(evidence, 'getData').at(-1), flippedAt(4)),
  },
  'wrong write': {
    shownBy: 1,
    change: (evidence) => withoutTxn(evidence, answeredIn(evidence, 'setData').at(-1)),
  },
  'wrong path': {
    shownBy: 1,
    change: (evidence) => withReply(evidence, answeredIn(evidence, 'create2')[0], flippedAt(5)),
  },
  'wrong watch event': {
    shownBy: 1,
    change: (evidence) =>
      withMore(evidence, { type: 'event', ...whoIn(evidence), zxid: -1, eventType: 3, path: '/b' }),
  },
  'late watch event': { shownBy: 3, change: (evidence) => only(evidence, ({ type }) => type !== 'event') },
  'act of an ended session': { shownBy: 2, change: closedBeforeItWrote },
  'wrong word about a session': {
    shownBy: 1,
    change: (evidence) => withMore(evidence, { type: 'expired', ...whoIn(evidence), session: 1n }),
  },
  'write nobody asked for': {
    shownBy: 0,
    change: (evidence) => {
      const gone = answeredIn(evidence, 'setData')[0];
      return only(evidence, (each) => !('exchange' in each) || each.exchange !== gone);
    },
  },
  'impossible txn': {
    shownBy: 1,
    change: (evidence) => withoutTxn(evidence, answeredIn(evidence, 'create2')[0]),
  },
  'logs that disagree': {
    shownBy: 0,
    change: (evidence) => {
      const contradictions = ['servers 1 and 2 have logged different txns at 0x100000002'];
      return { ...evidence, committed: { ...evidence.committed, contradictions } };
    },
  },
};

function closedBeforeItWrote(evidence: Evidence): Evidence {
  const { txns } = evidence.committed;
  const written = txns.findLast(({ txn }) => txn.type === OpCode.setData)?.header;
  const close = txns.find(({ header, txn }) => {
    return txn.type === OpCode.closeSession && header.clientId === written?.clientId;
  });
  if (written === undefined || close === undefined) throw new Error('nobody wrote and closed');
  return withTxns(
    evidence,
    txns.flatMap((each) => (each.header === written ? [close, each] : each === close ? [] : [each])),
  );
}

/** Of such requests those that were done, in the order of their replies. */
function answeredIn({ happenings }: Evidence, kind: string): Exchange[] {
  return happenings.flatMap((each) => {
    return each.type === 'reply' && each.exchange.op?.f === kind && each.exchange.reply?.err === 0
      ? [each.exchange]
      : [];
  });
}

/** A client, when nothing had been told yet. */
function whoIn({ happenings }: Evidence): { atNs: number; client: number; session: bigint } {
  const attached = happenings.find(({ type }) => type === 'attached');
  if (attached?.type !== 'attached') throw new Error('nobody came');
  const { atNs, client, session } = attached;
  return { atNs, client, session };
}

/** Behind all else. */
function withMore(evidence: Evidence, happening: Happening): Evidence {
  return { ...evidence, happenings: [...evidence.happenings, happening] };
}

function only(evidence: Evidence, isKept: (happening: Happening) => boolean): Evidence {
  return { ...evidence, happenings: evidence.happenings.filter(isKept) };
}

function withTxns(evidence: Evidence, txns: Evidence['committed']['txns']): Evidence {
  return { ...evidence, committed: { ...evidence.committed, txns } };
}

function withoutTxn(evidence: Evidence, exchange: Exchange | undefined): Evidence {
  const { txns } = evidence.committed;
  return withTxns(
    evidence,
    txns.filter(({ header }) => header.zxid !== exchange?.reply?.zxid),
  );
}

function withReply(
  evidence: Evidence,
  exchange: Exchange | undefined,
  change: (reply: Reply) => Partial<Reply>,
): Evidence {
  if (exchange?.reply == null) throw new Error('nobody answered');
  const other = { ...exchange, reply: { ...exchange.reply, ...change(exchange.reply) } };
  const happenings = evidence.happenings.map((each) => {
    return 'exchange' in each && each.exchange === exchange ? { ...each, exchange: other } : each;
  });
  return { ...evidence, happenings };
}

/** Its last bit at that byte. */
function flippedAt(at: number): (reply: Reply) => Partial<Reply> {
  return ({ body }) => ({ body: body.map((byte, index) => (index === at ? byte ^ 1 : byte)) });
}
