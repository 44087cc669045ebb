import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { Ensemble, EnsembleServer, ProcessState, Roles, ServerRole } from '../../ensemble/ensemble.ts';
import { rolesOf } from '../../ensemble/server-role.ts';

/** How long the others take to elect, and a server to come back: a few of the plan's own steps. */
const ELECTION_MS = 40;
const START_MS = 20;

interface FakeServer extends EnsembleServer {
  readonly listener: Server;
  readonly sockets: Set<Socket>;
  role: ServerRole | null;
  isDown: boolean;
  isPaused: boolean;
}

/** Servers that are nothing but a role and an answer to `srvr`, and elect one another. */
export class FakeEnsemble implements Ensemble {
  readonly name = 'fake';
  readonly servers: FakeServer[] = [];
  /** What was done to it, in order. */
  readonly events: string[] = [];
  /** It finds no leader any more. */
  isStuck = false;
  readonly #timers = new Set<NodeJS.Timeout>();

  /** The last one with a vote leads. */
  static async start(count: number, observers = 0): Promise<FakeEnsemble> {
    const ensemble = new FakeEnsemble();
    for (let id = 1; id <= count; id++)
      ensemble.servers.push(await ensemble.#serverOf(id, id > count - observers));
    if (count === 1) ensemble.#server(1).role = 'standalone';
    else ensemble.#elect();
    return ensemble;
  }

  get connectString(): string {
    return this.servers.map(({ clientAddress }) => clientAddress).join(',');
  }

  /** Whether writes can be acknowledged. */
  get isServing(): boolean {
    return this.servers.some((server) => isLeader(server) && !server.isDown && !server.isPaused);
  }

  roles(): Promise<Roles> {
    return rolesOf(this.servers);
  }

  processState(id: number): ProcessState {
    const { isDown, isPaused } = this.#server(id);
    const state = isDown ? 'ended' : isPaused ? 'stopped' : 'running';
    return { state, words: `it is ${state}` };
  }

  async kill(id?: number): Promise<void> {
    for (const server of this.#chosen(id)) {
      this.events.push(`kill ${server.id}`);
      server.isDown = true;
      server.role = null;
    }
    this.#electSoon();
  }

  async restart(id?: number): Promise<void> {
    for (const server of this.#chosen(id)) {
      this.events.push(`restart ${server.id}`);
      server.isDown = false;
    }
    await new Promise<void>((resolve) => this.#after(START_MS, resolve));
    this.#elect();
  }

  async pause(id: number): Promise<void> {
    this.events.push(`pause ${id}`);
    this.#server(id).isPaused = true;
    this.#electSoon();
  }

  async resume(id: number): Promise<void> {
    this.events.push(`resume ${id}`);
    this.#server(id).isPaused = false;
    // It takes a moment to notice that it leads no more.
    this.#after(START_MS, () => this.#elect());
  }

  logTail(id: number): string {
    return `the last words of ${id}`;
  }

  async start(): Promise<void> {}
  onServerDied(): void {}
  onWaiting(): void {}

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const { listener, sockets } of this.servers) {
      for (const socket of sockets) socket.destroy();
      listener.close();
    }
  }

  #electSoon(): void {
    this.#after(ELECTION_MS, () => this.#elect());
  }

  /** Whoever leads and can goes on to; else the last of those that can. */
  #elect(): void {
    const able = this.servers.filter(({ isDown, isPaused }) => !isDown && !isPaused);
    const voters = able.filter(({ isObserver }) => !isObserver);
    const all = this.servers.filter(({ isObserver }) => !isObserver);
    const canLead = !this.isStuck && voters.length > all.length / 2;
    if (this.servers.length === 1) {
      this.#server(1).role = canLead ? 'standalone' : null;
      return;
    }
    const paused = this.servers.filter((server) => server.isPaused && isLeader(server));
    const leader = voters.findLast(isLeader) ?? voters.at(-1);
    for (const server of able) {
      if (!canLead) server.role = null;
      else if (server === leader) server.role = 'leader';
      else server.role = server.isObserver ? 'observer' : 'follower';
    }
    // A paused leader will go on as one, and then be told by the next election.
    for (const server of paused) if (canLead) server.role = 'follower';
  }

  async #serverOf(id: number, isObserver: boolean): Promise<FakeServer> {
    const sockets = new Set<Socket>();
    const listener = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => sockets.delete(socket));
      const { isDown, isPaused, role } = this.#server(id);
      if (isDown) socket.destroy();
      else if (!isPaused) socket.end(role === null ? 'not serving\n' : `Zxid: 0x100000001\nMode: ${role}\n`);
    });
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const clientAddress = `127.0.0.1:${port}`;
    const facts = {
      id,
      program: 'fake',
      isObserver,
      clientAddress,
      operatorAddresses: {},
      pid: null,
      dataDir: '',
      logFile: `${id}.log`,
    };
    return { ...facts, listener, sockets, role: null, isDown: false, isPaused: false };
  }

  #server(id: number): FakeServer {
    const server = this.servers[id - 1];
    if (server === undefined) throw new Error(`no server ${id}`);
    return server;
  }

  #chosen(id: number | undefined): readonly FakeServer[] {
    return id === undefined ? this.servers : [this.#server(id)];
  }

  #after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
  }
}

function isLeader({ role }: FakeServer): boolean {
  return role === 'leader' || role === 'standalone';
}
