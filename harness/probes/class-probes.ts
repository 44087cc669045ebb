import { Connection } from '../client/connection.ts';
import type { ConnectionHandler } from '../client/connection.ts';
import type { ServerAddress } from '../client/connect-string.ts';
import type { ProbeLink } from './probe-link.ts';
import type { ProbeRequests } from './probe-requests.ts';
import type { Probe, ProbeSeries } from './probe-series.ts';
import type { LinkOptions } from './probe-link.ts';
import type { TargetConnections } from './target-connections.ts';

/** One class at one target: told when a probe is due, it sends it or says that it can't. */
export interface ClassProbes {
  fire(intendedNs: number): void;
  /** A few times in each deadline. */
  tick(nowMs: number): void;
  readonly isIdle: boolean;
}

const CONNECTION_LOSS = -4;

/** Requests that go out together; the last one's answer is the probe's end, or the first that is an error. */
export class RequestProbes implements ClassProbes {
  readonly #link: ProbeLink;
  readonly #requests: readonly Uint8Array[];
  readonly #series: ProbeSeries;

  constructor(link: ProbeLink, requests: readonly Uint8Array[], series: ProbeSeries) {
    this.#link = link;
    this.#requests = requests;
    this.#series = series;
  }

  get isIdle(): boolean {
    return this.#series.isIdle;
  }

  fire(intendedNs: number): void {
    if (!this.#link.isOpen) {
      this.#series.notConnected(intendedNs);
      return;
    }
    const probe = this.#series.sent(intendedNs);
    let left = this.#requests.length;
    for (const request of this.#requests) {
      this.#link.send(request, (err) => {
        left--;
        if (err !== 0 || left === 0) this.#series.answered(probe, err);
      });
    }
    this.#link.flush();
  }

  tick(): void {
    this.#series.look();
  }
}

/**
 * A write, and the event of the watch that another session has set on what is written. The watch is set again as
 * soon as it has fired; a probe that comes before it stands is sent when it does. One event is the answer to
 * all probes whose write was sent before it: a watch tells of any number of changes once.
 */
export class WatchProbes implements ClassProbes {
  readonly #watcher: ProbeLink;
  readonly #writer: ProbeLink;
  readonly #requests: ProbeRequests;
  readonly #series: ProbeSeries;
  #isArmed = false;
  #unsent: Probe[] = [];
  #sent: Probe[] = [];

  constructor(of: {
    readonly watcher: ProbeLink;
    readonly writer: ProbeLink;
    readonly requests: ProbeRequests;
    readonly series: ProbeSeries;
  }) {
    this.#watcher = of.watcher;
    this.#writer = of.writer;
    this.#requests = of.requests;
    this.#series = of.series;
    // Watches live with the connection.
    this.#watcher.onOpened = () => this.#arm();
    this.#watcher.onWatchEvent = () => this.#heard();
  }

  get isIdle(): boolean {
    return this.#series.isIdle;
  }

  fire(intendedNs: number): void {
    if (!this.#watcher.isOpen || !this.#writer.isOpen) {
      this.#series.notConnected(intendedNs);
      return;
    }
    this.#unsent.push(this.#series.sent(intendedNs));
    if (this.#isArmed) this.#write();
  }

  tick(): void {
    this.#series.look();
    this.#unsent = this.#unsent.filter(({ isOver }) => !isOver);
    this.#sent = this.#sent.filter(({ isOver }) => !isOver);
  }

  #arm(): void {
    this.#isArmed = false;
    if (!this.#watcher.isOpen) return;
    this.#watcher.send(this.#requests.armWatch, (err) => {
      this.#isArmed = err === 0;
      if (this.#isArmed) this.#write();
      else this.#fail([...this.#unsent, ...this.#sent], err);
    });
    this.#watcher.flush();
  }

  #write(): void {
    const probes = this.#unsent.splice(0);
    if (probes.length === 0) return;
    if (!this.#writer.isOpen) {
      this.#fail(probes, CONNECTION_LOSS);
      return;
    }
    this.#sent.push(...probes);
    this.#writer.send(this.#requests.writeWatched, (err) => {
      if (err !== 0) this.#fail(probes, err);
    });
    this.#writer.flush();
  }

  #heard(): void {
    for (const probe of this.#sent.splice(0)) this.#series.answered(probe, 0);
    this.#arm();
  }

  #fail(probes: readonly Probe[], err: number): void {
    for (const probe of probes) this.#series.answered(probe, err);
  }
}

/** A connection and a session of its own for each probe, opened and closed. */
export class SessionProbes implements ClassProbes {
  readonly #connections: TargetConnections;
  readonly #options: LinkOptions;
  readonly #series: ProbeSeries;
  readonly #open = new Set<SessionAttempt>();

  constructor(connections: TargetConnections, options: LinkOptions, series: ProbeSeries) {
    this.#connections = connections;
    this.#options = options;
    this.#series = series;
  }

  get isIdle(): boolean {
    return this.#series.isIdle && this.#open.size === 0;
  }

  fire(intendedNs: number): void {
    this.#attempt(this.#series.sent(intendedNs), this.#connections.serverCount);
  }

  tick(nowMs: number): void {
    this.#series.look();
    for (const attempt of this.#open) {
      if (attempt.probe.isOver) attempt.giveUp();
      else attempt.tick(nowMs);
    }
  }

  #attempt(probe: Probe, serversLeft: number): void {
    const { server } = this.#connections;
    const attempt = new SessionAttempt({ server, probe, options: this.#options }, (isClosed) => {
      if (isClosed) this.#series.answered(probe, 0);
    });
    this.#open.add(attempt);
    attempt.onEnded = (wasClosed): void => {
      this.#open.delete(attempt);
      if (wasClosed || probe.isOver) return;
      this.#connections.serverFailed(server);
      if (serversLeft > 1) this.#attempt(probe, serversLeft - 1);
      else this.#series.answered(probe, CONNECTION_LOSS);
    };
  }
}

class SessionAttempt implements ConnectionHandler {
  readonly probe: Probe;
  readonly #connection: Connection;
  readonly #answered: (isClosed: boolean) => void;
  #isClosed = false;
  onEnded: (wasClosed: boolean) => void = () => {};

  constructor(
    of: { readonly server: ServerAddress; readonly probe: Probe; readonly options: LinkOptions },
    answered: (isClosed: boolean) => void,
  ) {
    this.probe = of.probe;
    this.#answered = answered;
    this.#connection = new Connection({ server: of.server, ...of.options }, this, performance.now());
  }

  tick(nowMs: number): void {
    this.#connection.tick(nowMs);
  }

  giveUp(): void {
    this.#connection.destroy();
  }

  opened(): void {
    this.#connection.closeSession();
  }

  reply(err: number): void {
    this.#isClosed = err === 0;
    this.#answered(this.#isClosed);
    // The server closes the connection, too; one that does not is not waited for.
    this.#connection.destroy();
  }

  watchEvent(): void {
    // It sets no watches.
  }

  specialReply(): void {
    // It asks for nothing.
  }

  turnEnded(): void {
    // `closeSession` sends by itself.
  }

  ended(): void {
    this.onEnded(this.#isClosed);
  }
}
