import t from 'tap';
import { SimDisk } from '../../harness/sim/sim-disk.ts';
import { NO_SESSION } from '../base/session-id.ts';
import { makeZxid, type Zxid } from '../base/zxid.ts';
import { runScript, type DiskScript } from '../storage/disk-script.ts';
import { GroupCommit } from '../storage/group-commit.ts';
import { writeSnapshot } from '../storage/snapshot-writer.ts';
import type { StorageError } from '../storage/storage-error.ts';
import { OpCode } from '../wire/opcode.ts';
import type { Acl } from '../wire/records/acl.ts';
import { writeTxnHeader } from '../wire/txns/txn-header.ts';
import { writeTxn, type Txn } from '../wire/txns/txn.ts';
import { openDatabase, type Database } from './database.ts';
import { snapshotSource } from './testing/snapshot-source.ts';

const DIRECTORY = '/data/version-2';
const TXN_SIZE_MAX = 1 << 20;
const READ_ONLY: readonly Acl[] = [{ perms: 1, scheme: 'world', id: 'anyone' }];
const MINE: readonly Acl[] = [{ perms: 31, scheme: 'digest', id: 'ann:x' }];

type Nodes = Readonly<Record<string, number>>;

interface Opened {
  readonly error: StorageError | null;
  readonly database: Database | undefined;
}

function run<T>(disk: SimDisk, script: DiskScript<T>): { error: StorageError | null; result: T | undefined } {
  const outcome: { error: StorageError | null; result: T | undefined } = { error: null, result: undefined };
  runScript(disk, script, (error, result) => Object.assign(outcome, { error, result }));
  disk.run();
  return outcome;
}

/** Snapshots by their zxids, as nodes with the numbers of their ACLs, of which the table has 1; and the txns from 1 on. */
function open(snapshots: Readonly<Record<number, Nodes>>, txns: readonly Txn[]): Opened {
  const disk = new SimDisk();
  disk.mkdir(DIRECTORY, () => undefined);
  disk.run();
  for (const [counter, nodes] of Object.entries(snapshots)) {
    const source = snapshotSource(z(Number(counter)), nodes);
    run(disk, writeSnapshot({ directory: DIRECTORY, source }));
  }
  const log = new GroupCommit({
    disk,
    directory: DIRECTORY,
    lastDurable: z(0),
    txnSizeMax: TXN_SIZE_MAX,
    preallocateBytes: 0,
    forceSync: true,
    onDurable: () => undefined,
    onFailure: (error) => {
      throw error;
    },
  });
  for (const [i, txn] of txns.entries()) {
    const zxid = z(i + 1);
    const writer = log.begin(zxid);
    writeTxnHeader(writer, { clientId: NO_SESSION, cxid: 0, zxid, time: 1, type: txn.type });
    writeTxn(writer, txn);
    log.end();
  }
  log.stop(() => undefined);
  disk.run();
  const before = disk.paths();
  const { error, result } = run(
    disk,
    openDatabase({
      snapDir: DIRECTORY,
      logDir: DIRECTORY,
      txnSizeMax: TXN_SIZE_MAX,
      trustEmptySnapshot: false,
      digestEnabled: false,
      tickMs: 1000,
      nowMs: 0,
    }),
  );
  if (error !== null) t.same(disk.paths(), before, 'nothing was changed');
  return { error, database: result };
}

function z(counter: number): Zxid {
  return makeZxid(0, counter);
}

function created(path: string, acl: readonly Acl[]): Txn {
  return { type: OpCode.create, path, data: null, acl, ephemeral: false, parentCVersion: -1 };
}

function aclOf({ database }: Opened, path: string): readonly Acl[] | undefined {
  const node = database?.tree.get(path);
  return node === undefined ? undefined : database?.tree.acls.listOf(node.aclId);
}

await t.test('a snapshot that lacks an ACL, or the root, is damaged', async (t) => {
  t.match(open({ 0: { '': 1, '/zookeeper': -1, '/a': 2 } }, []).error, {
    code: 'corrupt',
    message: /none of the 1 snapshots can be read: .*snapshot\.0 is damaged: .*\/a but not its ACL.*backup/,
  });
  t.match(open({ 0: { '': 2 } }, []).error, { code: 'corrupt', message: /has \/ but not its ACL/ });
  t.match(open({ 0: {} }, []).error, { code: 'corrupt', message: /no root/ });
});

await t.test('an older one will do, if the logs lead from it to where that was', async (t) => {
  const damaged = { '': 1, '/a': 7, '/b': 7 };
  const txns = [created('/a', READ_ONLY), created('/b', MINE)];
  const opened = open({ 0: { '': 1 }, 2: damaged }, txns);
  t.equal(opened.error, null);
  t.match(opened.database?.recovery, { snapshotZxid: 0, txnCount: 2, skipped: [{ zxid: 2 }] });
  t.same([aclOf(opened, '/a'), aclOf(opened, '/b')], [READ_ONLY, MINE]);
  t.match(open({ 0: { '': 1 }, 3: damaged }, txns).error, {
    code: 'corrupt',
    message: /snapshot\.3 is damaged.*No log leads up to it/,
  });
});

await t.test('what a fuzzy snapshot of Apache lacks the log may bring (B25, ZOOKEEPER-3306)', async (t) => {
  // Written while the txns were applied: the table before them, the nodes after.
  const fuzzy = { '': 1, '/a': 2, '/b': 3, '/gone': 3, '/c': 1 };
  const txns = [
    created('/a', READ_ONLY),
    created('/b', MINE),
    created('/gone', MINE),
    { type: OpCode.delete, path: '/gone' },
  ] as const satisfies readonly Txn[];
  const opened = open({ 0: fuzzy }, txns);
  t.equal(opened.error, null);
  t.equal(opened.database?.recovery?.snapshotZxid, 0);
  t.same([aclOf(opened, '/a'), aclOf(opened, '/b')], [READ_ONLY, MINE]);
  t.equal(opened.database?.tree.get('/gone'), undefined);
  // The log's first new ACL has the number that /b's had: that does not make it /b's.
  t.match(open({ 0: { '': 1, '/a': 3, '/b': 2 } }, txns.slice(0, 1)).error, {
    code: 'corrupt',
    message: /\/b but not its ACL/,
  });
});
