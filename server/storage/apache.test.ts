import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { NodeDisk } from '../net/node-disk.ts';
import type { SessionId } from '../base/session-id.ts';
import { nextZxid, type Zxid, ZXID_ZERO } from '../base/zxid.ts';
import { type Acl, writeAcl } from '../wire/records/acl.ts';
import { type StatPersisted, writeStatPersisted } from '../wire/records/stat-persisted.ts';
import type { TxnDigest } from '../wire/txns/txn-digest.ts';
import { writeTxnEntry } from '../wire/txns/txn-entry.ts';
import type { TxnHeader } from '../wire/txns/txn-header.ts';
import type { Txn } from '../wire/txns/txn.ts';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { Prng } from '../base/prng.ts';
import { StorageModel } from '../../harness/sim/storage-model.ts';
import { runScript, type DiskScript } from './disk-script.ts';
import type { Disk } from './disk.ts';
import { GroupCommit } from './group-commit.ts';
import type { RecoverySink } from './read-history.ts';
import { recover, type Recovery } from './recovery.ts';
import type { SnapshotEnd } from './snapshot-reader.ts';
import { type SnapshotSource, writeSnapshot } from './snapshot-writer.ts';

const TESTDATA = path.resolve(import.meta.dirname, '../../../server/storage/testdata/apache-3.8.0');
const DIRECTORY = '/data/version-2';
const TXN_SIZE_MAX = 2 << 20;
/** Behind what 3.8 writes: the lastProcessedZxid block of 3.9 and its seal. */
const ZXID_BLOCK_BYTES = 21;

interface SnapshotContent {
  zxid: Zxid;
  sessions: [SessionId, number][];
  acls: [number, readonly Acl[]][];
  nodes: [string, Uint8Array | null, number, StatPersisted][];
  end: SnapshotEnd | null;
}

class Collector implements RecoverySink {
  snapshot: SnapshotContent = { zxid: ZXID_ZERO, sessions: [], acls: [], nodes: [], end: null };
  txns: { header: TxnHeader; txn: Txn; digest: TxnDigest | null }[] = [];

  beginSnapshot(zxid: Zxid): void {
    this.snapshot = { zxid, sessions: [], acls: [], nodes: [], end: null };
  }

  endSnapshot(end: SnapshotEnd): void {
    this.snapshot.end = end;
  }

  lacks(): null {
    return null;
  }

  onSnapshotSession(sessionId: SessionId, timeoutMs: number): void {
    this.snapshot.sessions.push([sessionId, timeoutMs]);
  }

  onSnapshotAcl(aclId: number, acl: readonly Acl[]): void {
    this.snapshot.acls.push([aclId, acl]);
  }

  onSnapshotNode(path: string, data: Uint8Array | null, aclId: number, stat: StatPersisted): void {
    this.snapshot.nodes.push([path, data?.slice() ?? null, aclId, stat]);
  }

  applyTxn(header: TxnHeader, txn: Txn, digest: TxnDigest | null): void {
    // The record's arrays are views of the reader's window, which one small log does not outgrow.
    this.txns.push({ header, txn: structuredClone(txn), digest });
  }
}

function diskWith(names: readonly string[]): SimDisk {
  const disk = new SimDisk();
  for (const name of names) disk.writeBytes(`${DIRECTORY}/${name}`, readFileSync(path.join(TESTDATA, name)));
  return disk;
}

function complete<T>(disk: SimDisk, script: DiskScript<T>): T {
  let value: T | undefined;
  runScript(disk, script, (error, result) => {
    if (error !== null) throw error;
    value = result;
  });
  disk.run();
  return value as T;
}

function recoverOn(disk: SimDisk): { readonly recovery: Recovery; readonly sink: Collector } {
  const sink = new Collector();
  const directories = { snapshots: DIRECTORY, logs: DIRECTORY };
  const options = { directories, sink, txnSizeMax: TXN_SIZE_MAX, trustEmptySnapshot: false };
  return { recovery: complete(disk, recover(options)), sink };
}

function groupCommit(
  disk: Disk,
  directory: string,
  onDurable: (upTo: Zxid) => void = () => undefined,
): GroupCommit {
  return new GroupCommit({
    disk,
    directory,
    lastDurable: ZXID_ZERO,
    txnSizeMax: TXN_SIZE_MAX,
    preallocateBytes: 1 << 20,
    forceSync: true,
    onDurable,
    onFailure: (error) => {
      throw error;
    },
  });
}

await t.test(
  'a data directory of Apache is recovered: the newest snapshot and the log above it',
  async (t) => {
    const { recovery, sink } = recoverOn(diskWith(readdirSync(TESTDATA)));
    t.equal(recovery.snapshotZxid, 0x10);
    t.equal(recovery.lastZxid, 0x13);
    t.same(recovery.torn, []);
    t.same(sink.snapshot.sessions, [[0x100003858040001n, 10_000]]);
    const nodes = new Map(sink.snapshot.nodes.map(([path, data, , stat]) => [path, { data, stat }]));
    t.equal(new TextDecoder().decode(nodes.get('/b')?.data ?? undefined), 'two');
    t.equal(nodes.get('/eph')?.stat.ephemeralOwner, 0x100003858040001n);
    t.equal(BigInt.asUintN(64, nodes.get('/ttl')?.stat.ephemeralOwner ?? 0n), 0xff000000000186a0n);
    t.equal(sink.snapshot.end?.digest?.version, 2);
    t.equal(sink.snapshot.end?.lastProcessedZxid, null);
  },
);

await t.test(
  'if Apache lost its newest snapshot the older one and every log above it give the same',
  async (t) => {
    const disk = diskWith(readdirSync(TESTDATA));
    disk.writeBytes(
      `${DIRECTORY}/snapshot.10`,
      readFileSync(path.join(TESTDATA, 'snapshot.10')).subarray(0, 700),
    );
    const { recovery } = recoverOn(disk);
    t.equal(recovery.snapshotZxid, 0);
    t.equal(recovery.txnCount, 0x13);
    t.equal(recovery.skipped.length, 1);
    t.match(recovery.skipped[0]?.why, /snapshot\.10 was not written to its end/);
  },
);

await t.test('transactions of Apache written again by us are the same bytes in the log', async (t) => {
  const { sink } = recoverOn(diskWith(['snapshot.0', 'log.1']));
  t.equal(sink.txns.length, 0x10);
  const disk = new SimDisk();
  disk.writeBytes(`${DIRECTORY}/snapshot.0`, new Uint8Array(0));
  const log = groupCommit(disk, DIRECTORY);
  for (const entry of sink.txns) {
    writeTxnEntry(log.begin(entry.header.zxid), entry);
    t.ok(log.end());
  }
  log.flush();
  disk.run();
  const theirs = readFileSync(path.join(TESTDATA, 'log.1'));
  const length = theirs.length - 64;
  t.same(Buffer.from(disk.readBytes(`${DIRECTORY}/log.1`).subarray(0, length)), theirs.subarray(0, length));
});

await t.test(
  'a snapshot of Apache written again by us is the same bytes, but for the block of 3.9',
  async (t) => {
    for (const name of ['snapshot.0', 'snapshot.10']) {
      const { sink } = recoverOn(diskWith([name]));
      const disk = new SimDisk();
      disk.writeBytes(`${DIRECTORY}/log.1`, new Uint8Array(0));
      complete(disk, writeSnapshot({ directory: DIRECTORY, source: sourceOf(sink.snapshot) }));
      const theirs = readFileSync(path.join(TESTDATA, name));
      const ours = Buffer.from(disk.readBytes(`${DIRECTORY}/${name}`));
      t.same(ours.subarray(0, theirs.length), theirs);
      t.equal(ours.length, theirs.length + ZXID_BLOCK_BYTES);
    }
  },
);

function sourceOf(content: SnapshotContent): SnapshotSource {
  const treeDigest = content.end?.digest?.treeDigest ?? 0n;
  return {
    zxid: content.zxid,
    digest: { high: Number(treeDigest >> 32n), low: Number(treeDigest & 0xffffffffn) },
    writeHead(writer) {
      writer.int(content.sessions.length);
      for (const [sessionId, timeoutMs] of content.sessions) {
        writer.bigLong(sessionId);
        writer.int(timeoutMs);
      }
      writer.int(content.acls.length);
      for (const [aclId, acl] of content.acls) {
        writer.long(aclId);
        writer.vector(acl, writeAcl);
      }
    },
    writeNodes(writer) {
      for (const [path, data, aclId, stat] of content.nodes) {
        writer.string(path);
        writer.buffer(data);
        writer.long(aclId);
        writeStatPersisted(writer, stat);
      }
      return true;
    },
  };
}

const JARS = '/usr/share/java';
const CLASSPATH =
  process.env['ZOOKEEPER_CLASSPATH'] ??
  ['zookeeper', 'zookeeper-jute', 'slf4j-api', 'slf4j-simple', 'commons-cli', 'snappy-java']
    .map((jar) => `${JARS}/${jar}.jar`)
    .join(':');

function whyNoApache(): string | false {
  if (process.env['ZOOKEEPER_CLASSPATH'] === undefined && !existsSync(`${JARS}/zookeeper.jar`)) {
    return `no ${JARS}/zookeeper.jar and no ZOOKEEPER_CLASSPATH`;
  }
  try {
    execFileSync('java', ['-version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'no java';
  }
}

function runApache(mainClass: string, file: string): string {
  return execFileSync('java', ['-Xshare:auto', '-XX:+UseSerialGC', '-cp', CLASSPATH, mainClass, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

await t.test("Apache's own tools read what we write", { skip: whyNoApache() }, async (t) => {
  const directory = t.testdir();
  const disk = new NodeDisk();
  const model = new StorageModel();
  const prng = new Prng(3);

  await new Promise<void>((resolve) => {
    const log = groupCommit(disk, directory, (upTo) => {
      if (upTo === 60) log.stop(resolve);
      else if (upTo === log.lastAccepted) append();
    });
    const append = (): void => {
      for (let i = 0; i < 20; i++) {
        const zxid = nextZxid(log.lastAccepted);
        model.append(log, { zxid, bytes: prng.below(3000), prng });
      }
      log.flush();
    };
    append();
  });
  const dump = runApache(
    'org.apache.zookeeper.server.persistence.TxnLogToolkit',
    path.join(directory, 'log.1'),
  );
  t.match(dump, /EOF reached after 60 txns/);
  t.match(dump, /zxid 0x3c setData \/3c,/);

  const zxid = 60 as Zxid;
  await new Promise<void>((resolve, reject) => {
    const script = writeSnapshot({ directory, source: model.snapshot(zxid) });
    runScript(disk, script, (error) => (error === null ? resolve() : reject(error)));
  });
  const listing = runApache(
    'org.apache.zookeeper.server.SnapshotFormatter',
    path.join(directory, 'snapshot.3c'),
  );
  t.match(listing, /^\/3c$/m);
  t.match(listing, /Last zxid: 0x3c/);
});
