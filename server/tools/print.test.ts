import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { findApache } from '../../harness/ensemble/find-apache.ts';
import { adler32 } from '../storage/adler32.ts';
import { SEAL_BYTES } from '../storage/snapshot-format.ts';
import { runTools } from './testing/run-tools.ts';

const TESTDATA = resolve(import.meta.dirname, '../../../server/storage/testdata/apache-3.8.0');
const search = findApache();
const skip = search.found ? false : search.why;

/** A data directory that a server of Apache's left, with `changes` made to a file of it. */
function dataDirectory(t: Test, name?: string, change?: (bytes: Buffer) => Buffer): string {
  const directory = t.testdir();
  const version = join(directory, 'version-2');
  cpSync(TESTDATA, version, { recursive: true });
  if (name !== undefined && change !== undefined) {
    writeFileSync(join(version, name), change(readFileSync(join(version, name))));
  }
  return directory;
}

function flipped(at: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return bytes;
  };
}

function runApache(tool: string, file: string): string {
  if (!search.found) throw new Error(search.why);
  const { java, classpath } = search.apache;
  const jars = [classpath, '/usr/share/java/commons-cli.jar', '/usr/share/java/snappy-java.jar'];
  return execFileSync(
    java,
    ['-XX:+UseSerialGC', '-cp', jars.join(delimiter), `org.apache.zookeeper.server.${tool}`, file],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
}

/** `session … zxid … type path`, which both have on every line that begins a txn. */
function txnsIn(text: string): string[] {
  const line = /session \S+ cxid \S+ zxid \S+ \S+(?: '?(\/[^\s,]*))?/g;
  return [...text.matchAll(line)].map(([words, path]) =>
    path === undefined ? words.trim() : words.replace("'", ''),
  );
}

await t.test("a log's listing has every txn that TxnLogToolkit has", { skip }, async (t) => {
  for (const name of ['log.1', 'log.11']) {
    const file = join(dataDirectory(t), 'version-2', name);
    const { code, out } = await runTools('log', file);
    const theirs = runApache('persistence.TxnLogToolkit', file);
    t.equal(code, 0);
    t.ok(txnsIn(theirs).length > 2);
    t.same(txnsIn(out), txnsIn(theirs));
    t.equal(out.trim().split('\n').at(-1), theirs.trim().split('\n').at(-1), 'and ends in the same words');
  }
});

/** Each node's lines but for the times, which Apache writes in the zone of the machine. */
function nodesIn(text: string): string[] {
  return text
    .split('----\n')
    .filter((block) => block.startsWith('/'))
    .map((block) => block.split('\n').filter((line) => /^\/|^ {2}(?![cm]time|acl )/.test(line)))
    .map((lines) => lines.join('\n'))
    .sort();
}

await t.test(
  "a snapshot's listing has every node and Stat that SnapshotFormatter has",
  { skip },
  async (t) => {
    const file = join(dataDirectory(t), 'version-2', 'snapshot.10');
    const { code, out } = await runTools('snapshot', file);
    const theirs = nodesIn(runApache('SnapshotFormatter', file));
    t.equal(code, 0);
    t.equal(theirs.length, 11);
    t.same(nodesIn(out), theirs);
    t.match(out, /Last zxid: 0x10\n.*, as recorded/);
  },
);

await t.test('what is sound passes, as JSON line by line too, and nothing is changed', async (t) => {
  const directory = dataDirectory(t);
  const version = join(directory, 'version-2');
  const { code, out } = await runTools('data', directory, '--check');
  t.equal(code, 0);
  t.match(out, /state at 0x13: .* 3 recorded digests compared/);
  const lines = (await runTools('log', join(version, 'log.1'), '--json')).out.trim().split('\n');
  t.match(JSON.parse(lines[1] ?? ''), { zxid: '0x2', type: 'create', path: '/a', dataBytes: 1 });
  t.match(JSON.parse(lines.at(-1) ?? ''), { txns: 16, firstZxid: '0x1', lastZxid: '0x10' });
  t.notMatch(lines.join('\n'), /ikIaKsbtGweaHnb/, 'the digest of a password stays in the file');
  for (const name of readdirSync(TESTDATA)) {
    t.ok(readFileSync(join(version, name)).equals(readFileSync(join(TESTDATA, name))), name);
  }
});

await t.test('a flipped bit ends in 104, with the file and the place', async (t) => {
  const log = dataDirectory(t, 'log.1', flipped(400));
  const ofLog = await runTools('log', join(log, 'version-2', 'log.1'), '--check');
  t.equal(ofLog.code, 104);
  t.match(ofLog.err, /log\.1 is damaged at byte \d+: no transaction can be read there/);
  t.equal((await runTools('data', log, '--check')).code, 104);

  const snapshot = dataDirectory(t, 'snapshot.10', flipped(300));
  const ofSnapshot = await runTools('snapshot', join(snapshot, 'version-2', 'snapshot.10'), '--check');
  t.equal(ofSnapshot.code, 104);
  t.match(ofSnapshot.err, /snapshot\.10 is damaged at byte \d+/);
  const ofData = await runTools('data', snapshot, '--check');
  t.equal(ofData.code, 104, 'even where an older snapshot gives the same state');
  t.match(ofData.out, /state at 0x13/);
});

/** Another digest in the block before the last seal, and a seal that is right for it. */
function withOtherDigest(bytes: Buffer): Buffer {
  const sealAt = bytes.length - SEAL_BYTES;
  bytes.writeUInt8(bytes.readUInt8(sealAt - 1) ^ 1, sealAt - 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  bytes.writeUInt32BE(adler32(view, 0, sealAt), sealAt + 4);
  return bytes;
}

await t.test('a digest that is not the recorded one is damage, though every checksum is right', async (t) => {
  const directory = dataDirectory(t, 'snapshot.10', withOtherDigest);
  const alone = await runTools('snapshot', join(directory, 'version-2', 'snapshot.10'), '--check');
  t.equal(alone.code, 104);
  t.match(alone.err, /snapshot\.10: the digest of the tree at 0x10 is not the recorded one/);
  const { code, out } = await runTools('data', directory, '--check');
  t.equal(code, 104);
  t.match(out, /state at 0x13/);
});

await t.test('a write that a crash cut off is told, and no damage', async (t) => {
  const directory = dataDirectory(t, 'log.11', (bytes) => bytes.subarray(0, 200));
  const { code, out } = await runTools('log', join(directory, 'version-2', 'log.11'), '--check');
  t.equal(code, 0);
  t.match(out, /EOF reached after \d txns\.\n\d+ bytes behind byte \d+ are of a write that was not finished/);
});

await t.test('what cannot be carried out ends in 2 or 3 and says why', async (t) => {
  const directory = t.testdir();
  for (const args of [[], ['nonsense'], ['log'], ['log', join(directory, 'log.1')], ['data', directory]]) {
    const { code, err } = await runTools(...args);
    t.equal(code, 2, args.join(' '));
    t.match(err, /server:tools <command>/);
  }
  t.equal((await runTools('purge', directory, '--keep', '2')).code, 2);
  t.equal((await runTools('data', directory, '--check')).code, 3, 'no version-2');
});
