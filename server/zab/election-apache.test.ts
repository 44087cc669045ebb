import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { createApache, SMALL_JVM_FLAGS } from '../../harness/ensemble/apache.ts';
import { findApache } from '../../harness/ensemble/find-apache.ts';
import type { ProcessEnsemble } from '../../harness/ensemble/process-ensemble.ts';
import type { ProcessServer } from '../../harness/ensemble/process-server.ts';
import { SILENT_LOG } from '../base/log.ts';
import type { Accept, ByteStream, Dialer, StreamHandler, Timers } from '../base/ports.ts';
import { Prng } from '../base/prng.ts';
import { makeZxid } from '../base/zxid.ts';
import { type Notification, PeerState } from '../wire/election/notification.ts';
import { ElectionLinks } from './election-links.ts';
import { Election } from './election.ts';
import type { Member, Membership } from './membership.ts';
import { id, majority } from './testing/test-membership.ts';

// One of three servers is ours, on real sockets; the others are Apache's. Ours knows elections only: nobody is
// synchronised, which is not needed to see whom Apache's servers elect and what they do then.

const search = findApache();
const skip = search.found ? false : search.why;
const FOLLOWER_INFO = 11;

const timers: Timers = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

function bind(socket: Socket, accept: Accept): void {
  let handler: StreamHandler | null = null;
  const stream: ByteStream = {
    remoteAddress: socket.remoteAddress ?? '',
    remotePort: socket.remotePort ?? 0,
    get queuedBytes() {
      return socket.writableLength;
    },
    write: (bytes) => {
      socket.write(bytes, () => handler?.onDrain());
      return false;
    },
    end: () => socket.end(),
    destroy: () => socket.destroy(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
  };
  socket.setNoDelay();
  socket.on('error', () => {});
  handler = accept(stream);
  socket.on('data', (chunk) => handler.onBytes(chunk));
  socket.on('close', () => handler.onClosed());
}

const dialer: Dialer = {
  dial(to, { onOpen, onFailed }) {
    const socket = connect(to.port, to.host);
    let isOver = false;
    socket.once('error', (error) => {
      if (!isOver) onFailed(error.message);
      isOver = true;
    });
    socket.once('connect', () => {
      if (isOver) return;
      isOver = true;
      bind(socket, onOpen);
    });
    return () => {
      isOver = true;
      socket.destroy();
    };
  },
};

function membershipIn(configFile: string): Membership {
  const lines = readFileSync(configFile, 'utf8').matchAll(/^server\.(\d)=(.*):(\d+):(\d+)$/gm);
  const members = new Map(
    [...lines].map(([, server, host = '', quorum, election]): [Member['id'], Member] => [
      id(Number(server)),
      {
        id: id(Number(server)),
        quorum: { host, port: Number(quorum) },
        election: { host, port: Number(election) },
        role: 'participant',
        client: null,
      },
    ]),
  );
  const text = [...members.values()].map(
    ({ id, quorum, election }) => `server.${id}=${quorum.host}:${quorum.port}:${election.port}:participant`,
  );
  return {
    members,
    verifier: majority([...members.keys()]),
    version: 0,
    text: [...text, 'version=0'].join('\n'),
  };
}

/** Ours: an election, its connections, and a quorum port on which somebody may call. */
class OurServer {
  readonly election: Election;
  readonly #heard = new Map<number, Notification>();
  /** The first bytes of whoever has connected to the quorum port, as a leader would see them. */
  readonly #calls: Buffer[] = [];
  readonly #links: ElectionLinks;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #self: Member;
  #wake: () => void = () => {};

  constructor(self: number, membership: Membership) {
    this.#self = membership.members.get(id(self)) as Member;
    this.#links = new ElectionLinks({
      self: id(self),
      membership,
      dialer,
      timers,
      log: SILENT_LOG,
      prng: new Prng(1),
      events: {
        onNotification: (from, notification) => {
          this.#heard.set(from, notification);
          this.election.onNotification(from, notification);
          this.#wake();
        },
        onPeerConnected: (peer) => this.election.onPeerConnected(peer),
        onPeerLost: () => {},
        onPeerDown: (peer) => this.election.onPeerDown(peer),
      },
    });
    this.election = new Election({
      self: id(self),
      membership,
      timers,
      log: SILENT_LOG,
      effects: {
        send: (to, notification) => this.#links.send(to, notification),
        withdraw: () => this.#links.withdraw(),
        onElected: () => this.#wake(),
        onDoubt: () => this.#wake(),
        onNewerConfig: () => {},
      },
    });
  }

  async listen(): Promise<void> {
    await this.#listen(this.#self.election.port, (socket) => bind(socket, this.#links.accept));
    await this.#listen(this.#self.quorum.port, (socket) => {
      socket.on('error', () => {});
      socket.once('data', (chunk) => {
        this.#calls.push(chunk);
        this.#wake();
      });
    });
  }

  async until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  untilElected(): Promise<string> {
    return this.until(() => (this.election.state === PeerState.looking ? undefined : this.role));
  }

  /** What this server said last, once it has said that it is in this state. */
  untilHeard(from: number, state: PeerState): Promise<Notification> {
    return this.until(() => {
      const last = this.#heard.get(from);
      return last?.state === state ? last : undefined;
    });
  }

  /** The type of the packet with which the first caller on the quorum port begins. */
  untilCalled(): Promise<number> {
    return this.until(() => this.#calls[0]?.readInt32BE(0));
  }

  get role(): string {
    const name = ['looking', 'following', 'leading', 'observing'][this.election.state];
    return `${name} ${this.election.vote.leader}`;
  }

  close(): void {
    this.election.stop();
    this.#links.close();
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(port: number, onConnection: (socket: Socket) => void): Promise<void> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      onConnection(socket);
    });
    this.#servers.push(server);
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  }
}

async function mixed(t: Test, ours: number): Promise<{ server: OurServer; apache: ProcessEnsemble }> {
  if (!search.found) throw new Error(search.why);
  // Not the test's own directory, which may be removed while a server still writes into it.
  const directory = mkdtempSync(join(tmpdir(), 'stampede-election-'));
  const apache = await createApache({
    apache: search.apache,
    directory,
    serverCount: 3,
    jvmFlags: SMALL_JVM_FLAGS,
    config: { tickTime: '500', initLimit: '40' },
  });
  t.teardown(async () => {
    await apache.stop();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  const first = member(apache, 1);
  const server = new OurServer(ours, membershipIn(`${first.dataDir}/../zoo.cfg`));
  t.teardown(() => server.close());
  await server.listen();
  return { server, apache };
}

function member(apache: ProcessEnsemble, server: number): ProcessServer {
  const found = apache.servers.find(({ id }) => id === server);
  if (found === undefined) throw new Error(`no server ${server}`);
  return found;
}

await t.test('an Apache server elects ours, and calls it on its quorum port', { skip }, async (t) => {
  const { server, apache } = await mixed(t, 3);
  server.election.look({ zxid: makeZxid(0, 0), peerEpoch: 0 });
  await member(apache, 1).spawn();
  t.equal(await server.untilElected(), 'leading 3');
  t.equal(await server.untilCalled(), FOLLOWER_INFO);
  // Asked now, it says whom it follows.
  server.election.look({ zxid: makeZxid(0, 0), peerEpoch: 0 });
  t.match(await server.untilHeard(1, PeerState.following), { leader: 3, electionEpoch: 1, version: 2 });
});

await t.test('an Apache server of a larger id is elected with our vote', { skip }, async (t) => {
  const { server, apache } = await mixed(t, 1);
  server.election.look({ zxid: makeZxid(0, 0), peerEpoch: 0 });
  await member(apache, 2).spawn();
  t.equal(await server.untilElected(), 'following 2');
  // The same vote counts there: asked again, it leads.
  server.election.look({ zxid: makeZxid(0, 0), peerEpoch: 0 });
  t.match(await server.untilHeard(2, PeerState.leading), { leader: 2 });
});

await t.test('ours joins two Apache servers, and its vote makes one of them lead', { skip }, async (t) => {
  const { server, apache } = await mixed(t, 3);
  const [one, two] = [member(apache, 1), member(apache, 2)];
  await Promise.all([one.start(), two.start()]);
  // A log that is no reason to elect ours comes late: they have a leader.
  server.election.look({ zxid: makeZxid(9, 9), peerEpoch: 9 });
  t.equal(await server.untilElected(), 'following 2');
  t.match(server.election.vote, { peerEpoch: 1 }, 'the epoch they have established');
  await apache.kill(2);
  server.election.onPeerDown(id(2));
  server.election.look({ zxid: makeZxid(0, 0), peerEpoch: 0 });
  t.equal(await server.untilElected(), 'following 1', 'the one with the longer log');
  server.election.look({ zxid: makeZxid(0, 0), peerEpoch: 0 });
  await server.untilHeard(1, PeerState.leading);
});
