import { sessionPassword } from '../../session/session-password.ts';
import type { SessionId } from '../../base/session-id.ts';
import { RingQueue } from '../../base/ring-queue.ts';
import { Turn } from '../../base/turn.ts';
import { nextStandaloneZxid, type Zxid } from '../../base/zxid.ts';
import { SessionTracker } from '../../session/session-tracker.ts';
import { AccessControl } from '../../tree/acl.ts';
import { DataTree } from '../../tree/data-tree.ts';
import { ErrorCode } from '../../wire/error-code.ts';
import type { WireError } from '../../wire/wire-error.ts';
import type { ConnectRequest } from '../../wire/records/connect.ts';
import { ClientConnection } from '../client-connection.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { LoggedTxn } from '../pending-write.ts';
import { Proposer, type ProposerOptions } from '../proposer.ts';
import { ReadOnlyPath } from '../read-only-path.ts';
import { ServerCore, type ServerCoreOptions } from '../server-core.ts';
import { HeldLog } from './held-log.ts';
import { TEST_AUTHENTICATOR, TEST_PROVIDERS } from './test-auth.ts';
import { TestClient } from './test-client.ts';

export interface TestServerOptions extends Partial<
  Omit<ServerCoreOptions & ProposerOptions, 'writes' | 'logged' | 'turn'>
> {
  readonly firstSessionId?: SessionId;
  /** It has no quorum, and what it shows is `tree`. */
  readonly isReadOnly?: boolean;
}

export const TICK_MS = 1000;
const FIRST_SESSION = 0x0100_0000_0000_0000n as SessionId;

/**
 * A whole server in memory, the third shell of the core: sockets, a clock and a disk that do nothing of their
 * own accord. A turn of the event loop ends when the test lets it (`endTurn`, `settle`), and a flush when the
 * test completes it, unless `holdsFlushes` is false (the default) and `settle` does both until all is quiet.
 */
export class TestServer {
  readonly tree: DataTree;
  readonly sessions: SessionTracker;
  readonly log: HeldLog;
  readonly core: ServerCore;
  readonly proposer: Proposer;
  readonly #turn: Turn;
  readonly badBytes: WireError[] = [];
  readonly applied: Zxid[] = [];
  holdsFlushes = false;
  nowMs = 0;
  wallMs = 1_700_000_000_000;
  #turnIsScheduled = false;

  constructor(options: TestServerOptions = {}) {
    const digestEnabled = options.digestEnabled ?? true;
    this.tree = options.tree ?? new DataTree({ digestEnabled });
    if (options.tree === undefined) this.tree.createSystemNodes();
    this.sessions = new SessionTracker({ tickMs: TICK_MS, nowMs: 0 });
    this.log = new HeldLog((upTo) => this.core.applyThrough(upTo));
    const clock = { monotonicMs: () => this.nowMs, wallMs: () => this.wallMs };
    this.#turn = new Turn(clock, () => {
      this.#turnIsScheduled = true;
    });
    const shared = {
      tree: this.tree,
      sessions: this.sessions,
      access: new AccessControl({ providers: TEST_PROVIDERS, skipAcl: false }),
      logged: new RingQueue<LoggedTxn>(),
      turn: this.#turn,
    };
    this.proposer = new Proposer({
      ...shared,
      log: this.log,
      clock,
      digestEnabled,
      extendedTypesEnabled: true,
      enforceQuota: false,
      limits: DEFAULT_LIMITS,
      lastZxid: this.tree.lastProcessedZxid,
      nextZxid: nextStandaloneZxid,
      owners: null,
      onQuotaExceeded: () => undefined,
      planReconfig: () => ({ err: ErrorCode.reconfigDisabled, isLate: false }),
      ...options,
    });
    let session = options.firstSessionId ?? FIRST_SESSION;
    const readOnly = options.isReadOnly === true ? new ReadOnlyPath(shared) : null;
    this.core = new ServerCore({
      ...shared,
      writes: readOnly ?? this.proposer,
      ...(readOnly === null ? {} : { readOnly }),
      authenticator: TEST_AUTHENTICATOR,
      answerWord: () => 'no-word',
      passwordOf: sessionPassword,
      counters: {
        packetsReceived: 0,
        authFailedCount: 0,
        readDone: () => undefined,
        updateDone: () => undefined,
        responseSent: () => undefined,
        batchWritten: () => undefined,
        electionDone: () => undefined,
        snapshotWritten: () => undefined,
      },
      onBadBytes: (_connection, error) => this.badBytes.push(error),
      onApplied: (zxid) => this.applied.push(zxid),
      frameBytesMax: 1 << 20,
      limits: DEFAULT_LIMITS,
      minSessionTimeoutMs: 2 * TICK_MS,
      maxSessionTimeoutMs: 20 * TICK_MS,
      sessionlessTimeoutMs: 10 * TICK_MS,
      nextSessionId: () => session++ as SessionId,
      ...options,
    });
  }

  /** A connection without a handshake. */
  open(remoteAddress?: string): TestClient {
    const client = new TestClient(remoteAddress);
    const connection = new ClientConnection(this.core, client.socket);
    client.attach(connection);
    this.core.onConnectionOpened(connection);
    return client;
  }

  /** A connection with a session. */
  connect(request: Partial<ConnectRequest> = {}, remoteAddress?: string): TestClient {
    const client = this.open(remoteAddress);
    client.sendConnect(request);
    this.settle();
    client.connectResponse();
    return client;
  }

  endTurn(): void {
    if (!this.#turnIsScheduled) return;
    this.#turnIsScheduled = false;
    this.#turn.end();
    this.core.endTurn();
  }

  /** Turns and flushes until nothing is left to do. */
  settle(): void {
    for (;;) {
      if (this.#turnIsScheduled) this.endTurn();
      else if (!this.holdsFlushes && this.log.isWriting) this.log.complete();
      else return;
    }
  }

  /** Time passes, and the tick comes that a shell's timer makes. */
  advance(ms: number): void {
    for (let left = ms; left > 0; left -= TICK_MS) {
      this.nowMs += Math.min(left, TICK_MS);
      this.core.onTick();
      this.settle();
    }
  }
}
