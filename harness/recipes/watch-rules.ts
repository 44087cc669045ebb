import type { FindingLog } from '../checkers/finding-log.ts';
import { EventType } from '../../server/wire/records/watcher-event.ts';
import { parentOf } from '../model/ghost-tree.ts';
import type { Exchange, Happening } from '../transcript/happening.ts';
import { fateOf } from './fate.ts';
import { readTogetherIn } from './multi-read.ts';
import { childrenIn, dataIn, multiResultsIn, setStatIn } from './read-reply.ts';

type Kind = 'data' | 'child';

/** What a session was shown when it set a watch, in a form that can be compared. */
interface Armed {
  readonly state: string;
  readonly exchange: Exchange;
}

const NO_NODE = -101;
const NOTHING = 'nothing';
const KINDS: Readonly<Record<number, readonly Kind[]>> = {
  [EventType.nodeDeleted]: ['data', 'child'],
  [EventType.nodeDataChanged]: ['data'],
  [EventType.nodeChildrenChanged]: ['child'],
};

/**
 * What watches of data and of children promise each session, looked at without any zxid: an event comes once for each
 * time that its watch was set, and before any answer that shows the change. A watch outlives its connection, for the
 * client sets it again.
 */
export function checkWatches(happenings: readonly Happening[], log: FindingLog): void {
  const sessions = new Map<bigint, SessionWatches>();
  for (const happening of happenings) {
    if (happening.type !== 'event' && happening.type !== 'reply') continue;
    const { session } = happening.type === 'event' ? happening : happening.exchange;
    let watches = sessions.get(session);
    if (watches === undefined) sessions.set(session, (watches = new SessionWatches(log)));
    if (happening.type === 'event') watches.onEvent(happening);
    else watches.onReply(happening.exchange);
  }
}

class SessionWatches {
  readonly #armed = { data: new Map<string, Armed>(), child: new Map<string, Armed>() };
  readonly #log: FindingLog;

  constructor(log: FindingLog) {
    this.#log = log;
  }

  onEvent(event: Happening & { type: 'event' }): void {
    const { eventType, path, client } = event;
    const fired = (KINDS[eventType] ?? []).filter((kind) => this.#armed[kind].delete(path));
    if (fired.length > 0) return;
    const explanation = `client ${client} is told of event ${eventType} of ${path} [1], and has set no watch for it since the last`;
    this.#log.invalid('event without a watch', explanation, [event]);
  }

  onReply(exchange: Exchange): void {
    for (const { kind, path, state } of shownBy(exchange)) {
      const armed = this.#armed[kind].get(path);
      if (armed === undefined || armed.state === state) continue;
      const explanation = `${path} was watched (${kind}) [1] and is shown changed [2], and no event has come before`;
      this.#log.invalid('shown before its event', explanation, [armed.exchange, exchange]);
      // Once is enough.
      this.#armed[kind].set(path, { state, exchange });
    }
    const { op } = exchange;
    if ((op?.f !== 'getData' && op?.f !== 'getChildren') || !op.watch || exchange.reply?.err !== 0) return;
    const kind = op.f === 'getData' ? 'data' : 'child';
    const [shown] = shownBy(exchange);
    if (shown !== undefined && !this.#armed[kind].has(op.path))
      this.#armed[kind].set(op.path, { state: shown.state, exchange });
  }
}

interface Shown {
  readonly kind: Kind;
  readonly path: string;
  readonly state: string;
}

/** States that an answer shows, or has made. */
function shownBy(exchange: Exchange): readonly Shown[] {
  const { op, reply } = exchange;
  if (op === null || reply === null) return [];
  switch (op.f) {
    case 'getData': {
      const version = dataIn(exchange)?.stat.version;
      return dataShown(op.path, version, reply.err === NO_NODE);
    }
    case 'getChildren': {
      const children = childrenIn(exchange)?.children;
      if (children !== undefined)
        return [{ kind: 'child', path: op.path, state: [...children].sort().join('/') }];
      return reply.err === NO_NODE ? [{ kind: 'child', path: op.path, state: NOTHING }] : [];
    }
    case 'multiRead': {
      const parts = readTogetherIn(exchange) ?? [];
      return op.ops.flatMap(({ f, path }, i) => {
        return f === 'getData' && i < parts.length ? dataShown(path, parts[i]?.stat.version, true) : [];
      });
    }
    case 'setData':
      return dataShown(op.path, setStatIn(exchange)?.version, false);
    case 'multi': {
      const results = multiResultsIn(exchange) ?? [];
      return results.flatMap((result, i) => {
        const part = op.ops[i];
        return part?.f === 'setData' && 'response' in result && 'stat' in result.response
          ? dataShown(part.path, result.response.stat.version, false)
          : [];
      });
    }
    case 'create':
    case 'create2':
    case 'delete':
      // A list from before it can only be another one.
      return fateOf(exchange) === 'done'
        ? [{ kind: 'child', path: parentOf(op.path), state: `changed by ${exchange.xid}` }]
        : [];
    default:
      return [];
  }
}

function dataShown(path: string, version: number | undefined, isMissing: boolean): Shown[] {
  if (version !== undefined) return [{ kind: 'data', path, state: `version ${version}` }];
  return isMissing ? [{ kind: 'data', path, state: NOTHING }] : [];
}
