import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { Client } from '../harness/client/client.ts';
import { fourLetterWord } from '../harness/ensemble/four-letter-word.ts';
import { freePorts } from '../harness/ensemble/free-ports.ts';
import { cleanEnvironment } from '../harness/load/clean-environment.ts';
import { ServerControls } from '../harness/nemesis/control/server-controls.ts';
import { SaslPeer } from './conformance/sasl/sasl-peer.ts';
import { whoAmI } from './conformance/sequence/operations.ts';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

interface StartOptions {
  readonly nodeFlags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** The server's own command as a child process: what an operator sees of it. */
class ServerRun {
  readonly child: ChildProcess;
  output = '';
  readonly #ended: Promise<unknown>;

  constructor(t: Test, args: readonly string[], { nodeFlags = [], env = {} }: StartOptions = {}) {
    this.child = spawn(process.execPath, [...nodeFlags, MAIN, ...args], {
      cwd: t.testdirName,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...cleanEnvironment(), ...env },
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
    this.#ended = once(this.child, 'close');
    t.teardown(() => this.child.kill('SIGKILL'));
  }

  async exitCode(): Promise<number | null> {
    await this.#ended;
    return this.child.exitCode;
  }

  /** @throws Error when it ends first. */
  async untilServing(): Promise<void> {
    await this.untilSaid('binding to port');
  }

  /** @throws Error when it ends first. */
  async untilSaid(words: string): Promise<void> {
    const { stdout, stderr } = this.child;
    while (!this.output.includes(words)) {
      const hasEnded = await Promise.race([
        this.#ended.then(() => true),
        once(stdout as NodeJS.ReadableStream, 'data').then(() => false),
        once(stderr as NodeJS.ReadableStream, 'data').then(() => false),
      ]);
      if (hasEnded) throw new Error(this.output);
    }
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.exitCode();
  }
}

interface Place {
  readonly port: number;
  readonly connectString: string;
  /** Of transaction logs and snapshots. */
  readonly files: string;
}

/** A zoo.cfg in the test's directory. */
async function configured(t: Test, lines: readonly string[] = []): Promise<Place> {
  const [port = 0] = await freePorts(1);
  const text = ['dataDir=data', 'clientPortAddress=127.0.0.1', `clientPort=${port}`, ...lines].join('\n');
  const directory = t.testdir({ 'zoo.cfg': text });
  return { port, connectString: `127.0.0.1:${port}`, files: join(directory, 'data', 'version-2') };
}

async function running(t: Test, options?: StartOptions): Promise<ServerRun> {
  const server = new ServerRun(t, ['zoo.cfg'], options);
  await server.untilServing();
  return server;
}

async function connected(t: Test, { connectString }: Place): Promise<Client> {
  const client = await Client.connect({ connectString });
  t.teardown(() => client.destroy());
  return client;
}

/** Every file with what is in it. */
function contentsOf(directory: string): Record<string, string> {
  const names = readdirSync(directory).toSorted((a, b) => (a < b ? -1 : 1));
  const hash = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(directory, name)))
      .digest('hex');
  return Object.fromEntries(names.map((name) => [name, hash(name)]));
}

/** A server that does not start: its exit code, and in one message what is wrong, where, and what to do. */
async function refuses(
  t: Test,
  args: readonly string[],
  { exitCode, says }: { readonly exitCode: 2 | 3; readonly says: readonly RegExp[] },
): Promise<void> {
  const server = new ServerRun(t, args);
  t.equal(await server.exitCode(), exitCode);
  for (const pattern of says) t.match(server.output, pattern);
  t.notMatch(server.output, /^\s+at /m, 'no stack trace');
}

await t.test('a configuration that cannot be is refused with its place', async (t) => {
  const { files } = await configured(t, ['initLimit=ten']);
  writeFileSync(join(t.testdirName, 'file.cfg'), 'dataDir=zoo.cfg\nclientPort=0');
  await Promise.all([
    refuses(t, [], { exitCode: 2, says: [/no configuration file; say npm run server -- .*zoo\.cfg/] }),
    refuses(t, ['none.cfg'], { exitCode: 2, says: [/^none\.cfg: .*ENOENT.*; name an existing zoo\.cfg/] }),
    refuses(t, ['zoo.cfg'], { exitCode: 2, says: [/^zoo\.cfg:4: initLimit=ten: must be .*; correct/] }),
    refuses(t, ['file.cfg'], { exitCode: 2, says: [/dataDir=.* is not a directory; name a directory/] }),
  ]);
  t.notOk(existsSync(files), 'and nothing was made');
});

await t.test('a server of an ensemble that is not told who it is does not start', async (t) => {
  const servers = [1, 2, 3].map((n) => `server.${n}=127.0.0.1:${n}:${n + 10}`);
  const { files } = await configured(t, ['initLimit=10', 'syncLimit=5', ...servers]);
  const myid = join(t.testdirName, 'data', 'myid');
  await refuses(t, ['zoo.cfg'], {
    exitCode: 2,
    says: [/^\S+data\/myid: does not exist.*; write the N of this/],
  });
  mkdirSync(files, { recursive: true });
  writeFileSync(myid, '4\n');
  await refuses(t, ['zoo.cfg'], { exitCode: 2, says: [/data\/myid:1: myid=4: .* no server\.4; correct/] });
  t.same(readdirSync(files), [], 'and nothing was made');
});

await t.test('who may come in by SASL is read from the JAAS file, of which nothing is told', async (t) => {
  const place = await configured(t, ['4lw.commands.whitelist=conf']);
  const jaas = join(t.testdirName, 'jaas.conf');
  const module = 'org.apache.zookeeper.server.auth.DigestLoginModule';
  writeFileSync(jaas, `Server { ${module} required user_bob="s3cret"; };`);
  const server = await running(t, { env: { SERVER_JVMFLAGS: `-Djava.security.auth.login.config=${jaas}` } });
  const bob = await SaslPeer.authenticated(place.connectString, { user: 'bob', password: 's3cret' });
  t.match(await bob.call(whoAmI), /sasl:bob/);
  await t.rejects(SaslPeer.authenticated(place.connectString, { user: 'bob', password: 'guess' }), /-115/);
  t.notMatch(await fourLetterWord(place.connectString, 'conf'), /s3cret/);
  await bob.close();
  t.equal(await server.end('SIGTERM'), 0);
  t.notMatch(server.output, /s3cret|guess/);

  writeFileSync(jaas, 'Server {\n com.sun.security.auth.module.Krb5LoginModule required;\n};');
  await refuses(t, [`-Djava.security.auth.login.config=${jaas}`, 'zoo.cfg'], {
    exitCode: 2,
    says: [/jaas\.conf:2: section Server asks for Kerberos \(GSSAPI\), which is not supported; use org\./],
  });
});

await t.test('a port in use is told, and the data of the server that has it is left alone', async (t) => {
  const place = await configured(t, ['preAllocSize=64']);
  const first = await running(t);
  const client = await connected(t, place);
  for (let i = 0; i < 20; i++) await client.create(`/n${i}`);
  const before = contentsOf(place.files);
  await refuses(t, ['zoo.cfg'], {
    exitCode: 3,
    says: [
      new RegExp(`in use 127\\.0\\.0\\.1:${place.port}; stop the process .* or give clientPort another`),
    ],
  });
  t.same(contentsOf(place.files), before);
  t.equal((await client.setData('/n7', Buffer.from('still here'))).version, 1);
  t.equal(await first.end('SIGTERM'), 0);
});

await t.test('a signal ends it properly also while it starts', async (t) => {
  const [quorum = 0] = await freePorts(1);
  const busy = createServer();
  busy.listen(0, '127.0.0.1');
  await once(busy, 'listening');
  t.teardown(() => busy.close());
  const { port } = busy.address() as AddressInfo;
  const servers = [1, 2, 3].map((n) => `server.${n}=127.0.0.${n}:${quorum}:${port}`);
  await configured(t, ['initLimit=10', 'syncLimit=5', 'electionPortBindRetry=0', ...servers]);
  mkdirSync(join(t.testdirName, 'data'), { recursive: true });
  writeFileSync(join(t.testdirName, 'data', 'myid'), '1\n');
  const server = new ServerRun(t, ['zoo.cfg']);
  await server.untilSaid('trying again');
  t.equal(await server.end('SIGTERM'), 0);
});

await t.test('an epoch that cannot be represented is refused', async (t) => {
  const { files } = await configured(t);
  mkdirSync(files, { recursive: true });
  writeFileSync(join(files, 'snapshot.20000000000000'), '');
  await refuses(t, ['zoo.cfg'], {
    exitCode: 3,
    says: [/snapshot\.20000000000000 is of an epoch above 2097151/, /Nothing was changed: go on with Apache/],
  });
  t.same(readdirSync(files), ['snapshot.20000000000000']);
});

await t.test('a log damaged before its tail is refused with file and offset, and not touched', async (t) => {
  const place = await configured(t);
  const server = await running(t);
  const client = await connected(t, place);
  for (let i = 0; i < 50; i++) await client.create(`/node-${i}`);
  await client.close();
  t.equal(await server.end('SIGTERM'), 0);

  const log = join(place.files, readdirSync(place.files).find((name) => name.startsWith('log.')) ?? '');
  const bytes = readFileSync(log);
  const at = bytes.indexOf('/node-25');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(log, bytes);
  const before = contentsOf(place.files);
  await refuses(t, ['zoo.cfg'], {
    exitCode: 3,
    says: [/version-2\/log\.1 is damaged at byte \d+: /, /Nothing was changed\. Restore/],
  });
  t.same(contentsOf(place.files), before);
});

await t.test('garbage ends the connection it came on, and no other', async (t) => {
  const place = await configured(t);
  const server = await running(t);
  const client = await connected(t, place);
  await client.create('/n');
  let version = 0;
  for (const garbage of [
    Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'),
    Buffer.from('7fffffff', 'hex'),
    Buffer.from('ffffffff', 'hex'),
    Buffer.from('00000000', 'hex'),
    // A frame of the right length, and no connect request.
    Buffer.concat([Buffer.from('0000002c', 'hex'), Buffer.alloc(0x2c, 0xee)]),
    // A good one, and then a frame above jute.maxbuffer.
    Buffer.concat([connectRequest(), Buffer.from('00200000', 'hex'), Buffer.alloc(0x10000)]),
    // A good one, and then a request that is shorter than its header.
    Buffer.concat([connectRequest(), Buffer.from('0000000300000000', 'hex')]),
  ]) {
    const closed = closedAfter(place.port, garbage);
    version = (await client.setData('/n', garbage)).version;
    await closed;
    t.equal((await client.getData('/n')).stat.version, version);
  }
  t.equal(version, 7, 'every write in between was answered');
  t.equal(server.child.exitCode, null);
  t.equal(await server.end('SIGTERM'), 0);
});

await t.test('a full disk ends the server without a word too many, and room brings it back', async (t) => {
  const place = await configured(t, ['preAllocSize=0']);
  const controls = await ServerControls.open();
  t.teardown(() => controls.close());
  const server = await running(t, controls.start(1));
  const client = await connected(t, place);
  const acknowledged = await writeUntilRefused(client, () => {
    void controls.server(1).impose({ type: 'disk-full' });
  });
  t.equal(await server.exitCode(), 3);
  t.match(server.output, /ENOSPC.*; free some space and start the server again/);
  t.notMatch(server.output, /^\s+at /m, 'no stack trace');
  client.destroy();

  const again = await running(t);
  const reader = await connected(t, place);
  const found = (await reader.getChildren('/')).children;
  t.same(
    acknowledged.filter((name) => !found.includes(name)),
    [],
    `all ${acknowledged.length} that were acknowledged are there`,
  );
  await reader.create('/goes-on');
  t.equal(await again.end('SIGTERM'), 0);
});

/** Creates znodes, many at a time, fills the disk in the middle of it, and returns what was acknowledged. */
async function writeUntilRefused(client: Client, fill: () => void): Promise<string[]> {
  const acknowledged: string[] = [];
  const writer = async (lane: number): Promise<void> => {
    for (let i = 0; ; i++) {
      const name = `n-${lane}-${i}`;
      try {
        await client.create(`/${name}`, Buffer.alloc(100));
      } catch {
        return;
      }
      acknowledged.push(name);
      if (acknowledged.length === 500) fill();
    }
  };
  await Promise.all(Array.from({ length: 32 }, (_, lane) => writer(lane)));
  return acknowledged;
}

/** Resolves when the server has closed a connection that brought it `bytes`. */
async function closedAfter(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  // The server may be gone before it has read all of it: that is a reset.
  socket.on('error', () => {});
  socket.write(bytes);
  socket.resume();
  await once(socket, 'close');
}

/** As any client begins: 44 bytes, of a new session of 10 s. */
function connectRequest(): Uint8Array {
  const frame = Buffer.alloc(4 + 44);
  frame.writeInt32BE(44, 0);
  frame.writeInt32BE(10_000, 16);
  frame.writeInt32BE(16, 28);
  return frame;
}
