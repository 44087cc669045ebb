import type { Accept, Cancel } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import { Turn } from '../base/turn.ts';
import { nextStandaloneZxid, type Zxid } from '../base/zxid.ts';
import { RefusingConnection } from '../pipeline/refusing-connection.ts';
import type { Completion } from '../storage/disk.ts';
import { ClientConnection } from '../pipeline/client-connection.ts';
import { readSnapshotAt, type LoadedSnapshot } from '../pipeline/read-snapshot-at.ts';
import type { ServerCore } from '../pipeline/server-core.ts';
import { SessionIds } from '../session/session-ids.ts';
import { runScript } from '../storage/disk-script.ts';
import type { StorageError } from '../storage/storage-error.ts';
import { ErrorCode } from '../wire/error-code.ts';
import { closeService, createProposer, openService } from './client-service.ts';
import type { CoreConfig } from './core-config.ts';
import { LocalReplica } from './local-replica.ts';
import { repeat, repeatAtMultiples } from './repeat.ts';
import type { Surroundings } from './surroundings.ts';

/** In the top byte of a standalone server's session ids (protocol §1.3). */
const STANDALONE_ID = 1 as ServerId;

/** A server that is its own quorum: what is on its disk is committed. */
export class StandaloneServer {
  readonly replica: LocalReplica;
  readonly #config: CoreConfig;
  readonly #surroundings: Surroundings;
  readonly #turn: Turn;
  #core: ServerCore | null = null;
  #cancels: Cancel[] = [];
  #isStopped = false;
  #isReplacing = false;
  #whenReplaced: (() => void) | null = null;

  constructor(config: CoreConfig, surroundings: Surroundings) {
    this.#config = config;
    this.#surroundings = surroundings;
    this.#turn = new Turn(surroundings.clock, surroundings.scheduleEndOfTurn);
    this.replica = new LocalReplica({
      config,
      windowCountMin: 0,
      disk: surroundings.disk,
      clock: surroundings.clock,
      turn: this.#turn,
      random: surroundings.random,
      log: surroundings.log,
      observer: surroundings.observer,
      onDurable: (upTo) => this.#core?.applyThrough(upTo),
      onBatch: (txnCount) => surroundings.counters.batchWritten(txnCount),
      onSnapshot: (durationMs) => surroundings.counters.snapshotWritten(durationMs),
      onFailure: surroundings.halt,
    });
  }

  /** Recovers and serves. `done` gets the error for which it can't. */
  start(done: (error: StorageError | null) => void): void {
    runScript(this.#surroundings.disk, this.replica.recover(), (error) => {
      if (error === null) this.#serve();
      done(error);
    });
  }

  readonly onClientConnection: Accept = (stream) => {
    const core = this.#core;
    if (core === null) {
      const { answerWord, timers } = this.#surroundings;
      return new RefusingConnection(stream, {
        answerWord,
        timers,
        timeoutMs: this.#config.sessionlessTimeoutMs,
      });
    }
    const connection = new ClientConnection(core, stream);
    core.onConnectionOpened(connection);
    return connection;
  };

  get isServing(): boolean {
    return this.#core !== null;
  }

  /** Only after `start` has come to its end. */
  get core(): ServerCore {
    if (this.#core === null) throw new Error('the server has not started');
    return this.#core;
  }

  endOfTurn(): void {
    this.#turn.end();
    this.#core?.endTurn();
  }

  /** Serves nobody any more, makes durable what was accepted, closes the files. */
  stop(done: () => void): void {
    if (this.#isReplacing) {
      this.#whenReplaced = () => this.stop(done);
      return;
    }
    this.#isStopped = true;
    for (const cancel of this.#cancels) cancel();
    closeService(this.replica);
    this.replica.stop(done);
  }

  /**
   * Reads a snapshot beside the traffic, and then goes on from it: clients lose their connections, and come back to
   * sessions that the snapshot has or to none. `done` gets the zxid from which on this is the state, or the error for
   * which all is as before; nothing once the server is stopped.
   */
  restore(path: string, done: Completion<Zxid>): void {
    const { disk } = this.#surroundings;
    runScript(disk, readSnapshotAt(path, this.replica.loaderOptions), (error, snapshot) => {
      if (this.#isStopped) return;
      if (error !== null || snapshot === undefined) done(error);
      else this.#goOnFrom(snapshot, done);
    });
  }

  #goOnFrom(snapshot: LoadedSnapshot, done: Completion<Zxid>): void {
    const { disk, halt } = this.#surroundings;
    const { replica } = this;
    this.#isReplacing = true;
    for (const cancel of this.#cancels) cancel();
    closeService(replica);
    this.#core = null;
    const next = nextStandaloneZxid(replica.lastLogged);
    const zxid = snapshot.zxid > next ? snapshot.zxid : next;
    runScript(disk, replica.replaceState(zxid, snapshot), (fatal, error = null) => {
      if (fatal !== null) {
        halt(fatal);
        return;
      }
      this.#isReplacing = false;
      this.#serve();
      done(error, zxid);
      this.#whenReplaced?.();
    });
  }

  #serve(): void {
    const { replica } = this;
    const { clock, timers } = this.#surroundings;
    const parts = { config: this.#config, surroundings: this.#surroundings, replica, turn: this.#turn };
    const proposer = createProposer(parts, {
      log: {
        begin: (zxid) => replica.beginEntry(zxid),
        end: () => replica.endEntry(),
        flush: () => replica.flushLog(),
      },
      lastZxid: replica.lastLogged,
      nextZxid: nextStandaloneZxid,
      owners: null,
      // There is nobody to come or go.
      planReconfig: () => ({
        err: this.#config.reconfigEnabled ? ErrorCode.unimplemented : ErrorCode.reconfigDisabled,
        isLate: false,
      }),
    });
    const core = openService(parts, proposer, new SessionIds(STANDALONE_ID, clock.wallMs()));
    this.#core = core;
    this.#cancels = [
      repeatAtMultiples(this.#surroundings, this.#config.tickTimeMs, () => core.onTick()),
      repeat(timers, this.#config.containerCheckIntervalMs, () =>
        core.reap(this.#config.containerMaxPerMinute),
      ),
    ];
  }
}
