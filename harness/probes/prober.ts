import { Client } from '../client/client.ts';
import { formatServerAddress, parseConnectString } from '../client/connect-string.ts';
import { KeeperError } from '../client/keeper-errors.ts';
import { monotonicClock } from '../load/load-clock.ts';
import type { LoadClock } from '../load/load-clock.ts';
import { RequestProbes, SessionProbes, WatchProbes } from './class-probes.ts';
import type { ClassProbes } from './class-probes.ts';
import { ProbeFileWriter } from './probe-file.ts';
import type { LinkOptions } from './probe-link.ts';
import { PROBE_CLASSES, PROBE_OUTCOME } from './probe-record.ts';
import type { ProbeClass, ProbeRecord, ProbeTarget } from './probe-record.ts';
import { ProbeSeries } from './probe-series.ts';
import { probeRequests } from './probe-requests.ts';
import type { ProberConfig, ProberSummary } from './prober-messages.ts';
import { RoleWatch } from './role-watch.ts';
import { TargetConnections } from './target-connections.ts';

const ROOT = '/stampede-probes';
const NODE_EXISTS = -110;
const TICK_MS = 100;
/** What a kill of the prober may take. */
const FLUSH_MS = 500;
const CLOSE_TIMEOUT_MS = 1000;
/** Between two attempts to connect, as a share of the shortest interval between probes. */
const DIAL_SHARE = 0.25;
const DIAL_PAUSE_MIN_MS = 2;

interface Scheduled {
  readonly probes: ClassProbes;
  readonly intervalNs: number;
  nextNs: number;
}

/**
 * Probes of every class at every server and at the ensemble as a whole, at fixed rates, whatever becomes of them:
 * when a probe is due it is sent or has failed, and the next one does not wait for it. What was due while this
 * process had no CPU is sent late, each with the time it was meant for.
 */
export class Prober {
  readonly #config: ProberConfig;
  readonly #clock: LoadClock;
  readonly #file: ProbeFileWriter;
  readonly #connections: readonly TargetConnections[];
  readonly #schedule: Scheduled[] = [];
  readonly #roles: RoleWatch;
  #ticker: NodeJS.Timeout | null = null;
  #tickedMs = 0;
  #flushedMs = 0;
  #due: NodeJS.Timeout | null = null;
  #probes = 0;
  #beganNs = 0;
  #cpuAtBegin = process.cpuUsage();

  constructor(config: ProberConfig) {
    this.#config = config;
    this.#clock = monotonicClock(BigInt(config.startNs));
    const { targets } = config;
    const shortestMs = Math.min(
      ...targets.flatMap(({ intervalMs }) => PROBE_CLASSES.map((name) => intervalMs[name])),
    );
    const dialPauseMs = Math.max(DIAL_PAUSE_MIN_MS, DIAL_SHARE * shortestMs);
    this.#file = new ProbeFileWriter(config.file, {
      targets,
      deadlineMs: config.deadlineMs,
      dialPauseMs,
    });
    this.#roles = new RoleWatch({
      servers: config.servers,
      clock: this.#clock,
      timeoutMs: config.deadlineMs,
      observed: (seen) => this.#file.role(seen),
    });
    this.#connections = targets.map((target, index) => this.#addTarget(target, { index, dialPauseMs }));
  }

  /** Makes the znodes, and resolves when every target is connected. @throws NoSessionError, KeeperError */
  async open(): Promise<void> {
    await this.#createNodes();
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    await Promise.all(this.#connections.map((connections) => connections.open()));
  }

  begin(): void {
    const nowNs = this.#clock.nowNs();
    this.#beganNs = nowNs;
    this.#cpuAtBegin = process.cpuUsage();
    // Classes begin together: one waking, and mostly one turn of the event loop, for all of them.
    for (const scheduled of this.#schedule) scheduled.nextNs = nowNs + scheduled.intervalNs;
    // From here on the probes' own wakings do: each that is not needed costs as much as a probe.
    if (this.#ticker !== null) clearInterval(this.#ticker);
    this.#roles.start();
    this.#fireDue();
  }

  /** Begins no more, waits for what is on its way, closes the sessions and the file. @throws ProbeFileError */
  async end(): Promise<ProberSummary> {
    if (this.#due !== null) clearTimeout(this.#due);
    this.#due = null;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    this.#roles.stop();
    const cpu = process.cpuUsage(this.#cpuAtBegin);
    const elapsedNs = Math.max(1, this.#clock.nowNs() - this.#beganNs);
    // Each of them ends at its deadline at the latest.
    while (!this.#schedule.every(({ probes }) => probes.isIdle)) await delay(TICK_MS);
    await Promise.race([
      Promise.all(this.#connections.map((connections) => connections.close())),
      delay(CLOSE_TIMEOUT_MS),
    ]);
    clearInterval(this.#ticker);
    await this.#file.close();
    return { cpuShare: ((cpu.user + cpu.system) * 1e3) / elapsedNs, probes: this.#probes };
  }

  #addTarget(
    target: ProbeTarget,
    { index, dialPauseMs }: { readonly index: number; readonly dialPauseMs: number },
  ): TargetConnections {
    const { deadlineMs, sessionTimeoutMs, connectString } = this.#config;
    const { servers, chroot } = parseConnectString(connectString);
    const options: LinkOptions = { sessionTimeoutMs, connectTimeoutMs: deadlineMs };
    const address = this.#config.servers.find(({ id }) => id === target.serverId)?.clientAddress;
    const connections = new TargetConnections({
      ...options,
      dialPauseMs,
      servers: address === undefined ? servers : parseConnectString(address).servers,
    });
    const requests = probeRequests(chroot + pathOf(target), chroot + watchedPathOf(target));
    const series = (probeClass: ProbeClass): ProbeSeries =>
      new ProbeSeries({
        probeClass,
        target: index,
        clock: this.#clock,
        deadlineNs: deadlineMs * 1e6,
        record: (record) => this.#record(record),
      });
    const writer = connections.addLink();
    const { read, sync, write } = requests;
    const add = (probeClass: ProbeClass, probes: ClassProbes): void => {
      this.#schedule.push({
        probes,
        intervalNs: target.intervalMs[probeClass] * 1e6,
        nextNs: Infinity,
      });
    };
    add('write', new RequestProbes(writer, [write], series('write')));
    add('read', new RequestProbes(connections.addLink(), [read], series('read')));
    add('syncRead', new RequestProbes(connections.addLink(), [sync, read], series('syncRead')));
    const watcher = connections.addLink();
    add('watch', new WatchProbes({ watcher, writer, requests, series: series('watch') }));
    add('session', new SessionProbes(connections, options, series('session')));
    return connections;
  }

  #record(record: ProbeRecord): void {
    this.#probes++;
    this.#file.probe(record);
    if (record.outcome !== PROBE_OUTCOME.ok) this.#roles.alert();
  }

  #fireDue(): void {
    let nextNs = this.#clock.nowNs() + TICK_MS * 1e6;
    for (const scheduled of this.#schedule) {
      const nowNs = this.#clock.nowNs();
      while (scheduled.nextNs <= nowNs) {
        scheduled.probes.fire(scheduled.nextNs);
        scheduled.nextNs += scheduled.intervalNs;
      }
      nextNs = Math.min(nextNs, scheduled.nextNs);
    }
    this.#tickWhenDue();
    this.#due = setTimeout(() => this.#fireDue(), Math.max(0, (nextNs - this.#clock.nowNs()) / 1e6));
  }

  #tickWhenDue(): void {
    const nowMs = performance.now();
    if (nowMs - this.#tickedMs >= TICK_MS) this.#tick();
    if (nowMs - this.#flushedMs < FLUSH_MS) return;
    this.#flushedMs = nowMs;
    this.#file.flush();
  }

  #tick(): void {
    const nowMs = performance.now();
    this.#tickedMs = nowMs;
    for (const connections of this.#connections) connections.tick(nowMs);
    for (const { probes } of this.#schedule) probes.tick(nowMs);
  }

  async #createNodes(): Promise<void> {
    const { connectString, targets } = this.#config;
    const { servers, chroot } = parseConnectString(connectString);
    const client = await Client.connect({ connectString: servers.map(formatServerAddress).join(',') });
    try {
      const parents = [...chroot.split('/').slice(1), ROOT.slice(1)].reduce<string[]>(
        (paths, part) => [...paths, `${paths.at(-1) ?? ''}/${part}`],
        [],
      );
      const nodes = targets.flatMap((target) => [chroot + pathOf(target), chroot + watchedPathOf(target)]);
      for (const path of [...parents, ...nodes]) await createUnlessThere(client, path);
    } finally {
      await client.close();
    }
  }
}

function pathOf({ serverId }: ProbeTarget): string {
  return `${ROOT}/${serverId ?? 'ensemble'}`;
}

function watchedPathOf(target: ProbeTarget): string {
  return `${pathOf(target)}-watched`;
}

async function createUnlessThere(client: Client, path: string): Promise<void> {
  try {
    await client.create(path);
  } catch (error) {
    if (!(error instanceof KeeperError && error.code === NODE_EXISTS)) throw error;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
