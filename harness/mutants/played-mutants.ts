import type { Patch, PlayedMutant } from './mutant.ts';

/** Most bugs need no more than that servers come and go. */
const KILLS = 'kill-leader,kill-follower,kill-all';

function planted(
  id: string,
  what: string,
  patch: Patch | readonly Patch[],
  { workload = 'everything', faults = KILLS } = {},
): PlayedMutant {
  return { id, what, patches: 'file' in patch ? [patch] : patch, workload, faults };
}

const APPLY = 'server/pipeline/apply-txn.js';
const LOG = 'server/storage/group-commit.js';
const PREPARE = 'server/tree/prepare-request.js';
const READS = 'server/pipeline/read-requests.js';
const REPLIES = 'server/pipeline/write-replies.js';
const CORE = 'server/pipeline/server-core.js';
const TREE = 'server/tree/data-tree.js';
const WATCHES = 'server/tree/watch-manager.js';
const SET_WATCHES = 'server/pipeline/watch-requests.js';
const ZNODE = 'server/tree/znode.js';

/** What somebody could have got wrong so that clients are told what is not so; each must be found from outside. */
export const PLAYED_MUTANTS: readonly PlayedMutant[] = [
  // ---- writes
  planted('R01', 'now and then a batch is acknowledged and never written', {
    file: LOG,
    find: 'writeToLog(log, { bytes, growth: this.#allocator.growth }, (error) => {',
    replace:
      'this.batches = (this.batches ?? 0) + 1;\n        (this.batches % 40 === 0 ? (log, options, done) => setImmediate(done, null) : writeToLog)(log, { bytes, growth: this.#allocator.growth }, (error) => {',
  }),
  planted('R02', 'a setData is acknowledged and not applied', {
    file: APPLY,
    find: 'return tree.setData(',
    replace:
      'if (zxid % 50 === 0 && txn.path !== "/zookeeper/config") return ErrorCode.ok;\n            return tree.setData(',
  }),
  planted('R03', 'the version that a write is for does not matter', {
    file: PREPARE,
    find: 'function matchesVersion(wanted, current) {',
    replace: 'function matchesVersion(wanted, current) {\n    return true;',
  }),
  planted('R04', 'a version is given twice', {
    file: PREPARE,
    find: 'record.version = (node.version + 1) | 0;',
    replace: 'record.version = (node.version + (context.zxid % 20 === 0 ? 0 : 1)) | 0;',
  }),
  planted('R05', 'a write that is refused is done all the same', {
    file: PREPARE,
    find: 'if (!matchesVersion(request.version, node.version))\n            return ErrorCode.badVersion;\n        if (this.#isFullFor(',
    replace:
      'if (!matchesVersion(request.version, node.version)) {\n            this.#tree.setData(path, this.#tree.values.copyOf(request.data), node.version + 1, context.zxid, context.time);\n            return ErrorCode.badVersion;\n        }\n        if (this.#isFullFor(',
  }),
  planted('R06', 'the last byte of a value is lost', {
    file: PREPARE,
    find: 'const data = this.#tree.values.copyOf(request.data);\n        return { type: OpCode.setData,',
    replace:
      'const data = this.#tree.values.copyOf(context.zxid % 20 === 0 && request.data?.length > 1 ? request.data.subarray(0, -1) : request.data);\n        return { type: OpCode.setData,',
  }),
  planted('R07', "a setData's reply shows the Stat from before it", {
    file: REPLIES,
    find: 'case OpCode.setData:\n            case OpCode.setAcl:\n                this.#writeStat(out, path);',
    replace:
      'case OpCode.setData:\n            case OpCode.setAcl:\n                writeNodeStat(out, Object.assign(Object.create(this.#nodeAt(path)), { version: this.#nodeAt(path).version - 1 }));',
  }),
  planted('R08', "a write's reply names the zxid before its own", {
    file: REPLIES,
    find: 'const out = connection.beginReply(xid, header.zxid, ErrorCode.ok);',
    replace: 'const out = connection.beginReply(xid, header.zxid - 1, ErrorCode.ok);',
  }),
  planted('R09', 'a delete of a node with children is not refused', {
    file: PREPARE,
    find: 'if (node.childCount > 0)\n            return ErrorCode.notEmpty;\n        this.#recordDelete(path, node, parentPath, parent, context.zxid);',
    replace: 'this.#recordDelete(path, node, parentPath, parent, context.zxid);',
  }),
  planted('R10', 'a node may have children below an ephemeral one', {
    file: PREPARE,
    find: 'if (isEphemeralOwner(parent.ephemeralOwner))\n            return ErrorCode.noChildrenForEphemerals;\n        if (this.#exceedsQuota(path, 1',
    replace: 'if (this.#exceedsQuota(path, 1',
  }),
  // ---- sequence numbers
  planted('R11', 'a sequence number is given twice once its node is deleted', {
    file: PREPARE,
    find: 'sequenceSuffix(parent.cversion)',
    replace: 'sequenceSuffix(parent.childCount)',
  }),
  planted('R12', "a sequential create's reply has the name that was asked for", {
    file: REPLIES,
    find: 'case OpCode.create2:\n            case OpCode.createContainer:\n            case OpCode.createTtl:\n                out.string(path);',
    replace:
      "case OpCode.create2:\n            case OpCode.createContainer:\n            case OpCode.createTtl:\n                out.string(path.replace(/-\\d{10}$/, '-'));",
  }),
  // ---- multi
  planted('R13', 'a refused part of a multi does not take back the parts before it', {
    file: PREPARE,
    find: 'this.#rollBackTo(start);\n            txns.push',
    replace: 'txns.push',
  }),
  planted('R14', 'the last part of a multi is not done', {
    file: APPLY,
    find: 'else if (!failed)\n            error = applyToTree(tree, header, txn);',
    replace:
      'else if (!failed && (txns.length === 1 || txn !== txns.at(-1)))\n            error = applyToTree(tree, header, txn);',
  }),
  planted('R15', 'a check in a multi never fails', {
    file: PREPARE,
    find: 'case OpCode.check:\n                return this.check(op.request, context);',
    replace:
      'case OpCode.check:\n                return { type: OpCode.check, path: op.request.path, version: 0 };',
  }),
  // ---- reads
  planted('R16', "a read's reply names the zxid after its own", {
    file: READS,
    find: 'const out = connection.beginReply(xid, zxid, ErrorCode.ok);\n    if (type === OpCode.getData)',
    replace:
      'const out = connection.beginReply(xid, zxid + 1, ErrorCode.ok);\n    if (type === OpCode.getData)',
  }),
  planted('R17', 'a value is read from a cache that knows nothing of later writes', {
    file: READS,
    find: 'connection.writeValue(node.data);',
    replace:
      '{ node.first ??= node.data?.slice() ?? null; connection.writeValue(zxid % 10 === 0 ? node.first : node.data); }',
  }),
  planted('R18', 'a child is not listed', {
    file: ZNODE,
    find: 'writer.int(node.childCount);\n    if (node.children !== null)\n        for (const name of node.children)\n            writer.string(name);',
    replace:
      'const names = [...(node.children ?? [])];\n    if (names.length > 2) names.pop();\n    writer.int(names.length);\n    for (const name of names) writer.string(name);',
  }),
  planted('R19', 'an ephemeral node is shown as if nobody owned it', {
    file: ZNODE,
    find: 'writer.bigLong(node.ephemeralOwner);\n    else\n        writer.long(0);\n    writer.int(node.data',
    replace: 'writer.long(0);\n    else\n        writer.long(0);\n    writer.int(node.data',
  }),
  planted('R20', 'that a child is gone does not show in pzxid', {
    file: TREE,
    find: 'if (zxid > parent.pzxid) {\n                this.#willChange(parent);\n                parent.pzxid = zxid;\n            }',
    replace: 'this.#willChange(parent);',
  }),
  planted('R21', 'an overwritten value keeps its mzxid', {
    file: TREE,
    find: 'node.mtime = time;\n        node.mzxid = zxid;\n        node.version = version;',
    replace: 'node.mtime = time;\n        node.version = version;',
  }),
  planted('R22', 'a read overtakes the writes that its client has asked for before', {
    file: 'server/pipeline/client-connection.js',
    find: 'if (this.#pending.length === 0 && sync === null) {',
    replace: 'if (sync === null) {',
  }),
  planted('R23', 'what is not committed is read', {
    file: CORE,
    find: 'const write = this.#writes.submit(request, reader);',
    replace:
      'const write = this.#writes.submit(request, reader);\n        if (write?.txn?.type === OpCode.setData) { const node = this.tree.get(write.txn.path); if (node !== undefined) { node.data = write.txn.data; } }',
  }),
  // ---- watches
  planted('R24', 'a watch is lost', {
    file: WATCHES,
    find: 'if (told === null || !told.has(watcher))\n                watcher.onWatchEvent(type, path, zxid, aclId);',
    replace:
      'if (zxid % 10 !== 0 && (told === null || !told.has(watcher)))\n                watcher.onWatchEvent(type, path, zxid, aclId);',
  }),
  planted('R25', 'a watch fires twice', {
    file: WATCHES,
    find: 'watcher.onWatchEvent(type, path, zxid, aclId);',
    replace:
      'watcher.onWatchEvent(type, path, zxid, aclId), zxid % 10 === 0 && watcher.onWatchEvent(type, path, zxid, aclId);',
  }),
  planted('R26', 'a watch that has fired stays', {
    file: WATCHES,
    find: 'modes & ~WatchMode.standard);',
    replace: 'modes);',
  }),
  planted('R27', "an event names another change's zxid", {
    file: WATCHES,
    find: 'watcher.onWatchEvent(type, path, zxid, aclId);',
    replace: 'watcher.onWatchEvent(type, path, zxid - 1, aclId);',
  }),
  planted('R28', 'who waits for a node to be made is told that it was changed', {
    file: TREE,
    find: 'this.dataWatches.trigger(path, WatchEventType.nodeCreated, zxid, aclId);',
    replace: 'this.dataWatches.trigger(path, WatchEventType.nodeDataChanged, zxid, aclId);',
  }),
  planted('R29', 'who watches the children is not told when one goes', {
    file: TREE,
    find: 'this.childWatches.trigger(parentPath, WatchEventType.nodeChildrenChanged, zxid, parent?.aclId ?? OPEN_ACL_ID);',
    replace: '',
  }),
  planted('R30', 'an event comes behind the reply that shows the change', {
    file: WATCHES,
    find: 'watcher.onWatchEvent(type, path, zxid, aclId);',
    replace: 'setTimeout(() => watcher.onWatchEvent(type, path, zxid, aclId), 30);',
  }),
  planted('R31', 'watches are not set again after a reconnect', {
    file: SET_WATCHES,
    find: 'for (const path of request.dataWatches ?? []) {',
    replace: 'for (const path of []) {',
  }),
  planted('R32', 'a child watch is taken for one of the data', {
    file: READS,
    find: '(isListing ? tree.childWatches : tree.dataWatches).add(path, connection);',
    replace: 'tree.dataWatches.add(path, connection);',
  }),
  // ---- sessions
  planted('R33', 'an ephemeral node outlives its session', {
    file: TREE,
    find: 'for (const path of paths ?? [])\n            this.delete(path, zxid);\n        for (const path of this.ephemeralsOf(session))',
    replace: 'for (const path of [...this.ephemeralsOf(session)].slice(1))',
  }),
  planted('R34', 'an ephemeral node is not one', {
    file: APPLY,
    find: 'const owner = txn.ephemeral ? header.clientId : NO_SESSION;',
    replace: 'const owner = NO_SESSION;',
  }),
  planted('R35', 'who comes back to a session that has ended gets another one', {
    file: CORE,
    find: 'if (!isAlive) {\n            connection.onSessionRefused();',
    replace:
      'if (!isAlive) {\n            const other = this.#options.nextSessionId();\n            this.#connecting.set(other, connection);\n            this.#writes.createSession(other, connection.sessionTimeoutMs);',
  }),
  planted('R36', 'a client whose connection breaks is told that its session has expired', {
    file: CORE,
    find: 'const isAlive = this.#writes.reattach(sessionId, timeoutMs);',
    replace: 'const isAlive = this.nowMs % 2 < 1 ? false : this.#writes.reattach(sessionId, timeoutMs);',
  }),
  planted(
    'R37',
    'a session expires before its time has passed',
    {
      file: 'server/session/session-tracker.js',
      find: 'this.#expiry.update(session, session.timeoutMs, nowMs);\n        return true;',
      replace: 'this.#expiry.update(session, session.timeoutMs / 4, nowMs);\n        return true;',
    },
    { workload: 'service-discovery' },
  ),
  // ---- ensembles
  planted(
    'R38',
    'whatever one voter has acknowledged is committed',
    {
      file: 'server/zab/commit-rule.js',
      find: 'if (verifiers.every((verifier) => verifier.containsQuorum(servers)))',
      replace: 'if (servers.size > 0)',
    },
    { faults: 'mute-leader' },
  ),
];
