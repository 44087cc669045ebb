import type { SimulatedMutant } from '../../mutants/mutant.ts';

/** What clients are told. */
export const SERVICE_MUTANTS: readonly SimulatedMutant[] = [
  {
    id: 'M24',
    // Snapshots here are of one zxid, so no closeSession is ever replayed; this leaves behind what a wrong replay would.
    what: 'what a closeSession should take away stays (B24)',
    patches: [
      {
        file: 'server/tree/prepare-request.js',
        find: 'closeSession(session, zxid) {',
        replace:
          'closeSession(session, zxid) {\n        return { type: OpCode.closeSession, paths2Delete: [] };',
      },
    ],
    expects: ['C5', 'C9', 'P10', 'crash'],
    budget: 2000,
  },
  {
    id: 'M25',
    what: 'a session that has ended may still write (B50)',
    patches: [
      {
        file: 'server/pipeline/proposer.js',
        find: 'if (!this.#sessions.isAlive(session))',
        replace: 'if (false)',
      },
    ],
    expects: ['C9', 'C5'],
    budget: 2000,
  },
  {
    id: 'M26',
    what: 'followers do not tell the leader which sessions were heard of (B57)',
    patches: [
      {
        file: 'server/pipeline/forwarder.js',
        find: 'for (const session of this.#touched) {',
        replace: 'for (const session of []) {',
      },
    ],
    expects: ['L8', 'L3'],
    budget: 500,
  },
  {
    id: 'M28',
    what: 'who comes back to a session that has ended gets another one instead of being told (B56)',
    patches: [
      {
        file: 'server/pipeline/server-core.js',
        find: 'if (!isAlive) {\n            connection.onSessionRefused();',
        replace:
          'if (!isAlive) {\n            const other = this.#options.nextSessionId();\n            this.#connecting.set(other, connection);\n            this.#writes.createSession(other, connection.sessionTimeoutMs);',
      },
    ],
    expects: ['C11'],
    budget: 200,
  },
  {
    id: 'M29',
    what: "a read's reply names the zxid after its own (B52)",
    patches: [
      {
        file: 'server/pipeline/read-requests.js',
        find: 'const out = connection.beginReply(xid, zxid, ErrorCode.ok);\n    if (type === OpCode.getData)',
        replace:
          'const out = connection.beginReply(xid, zxid + 1, ErrorCode.ok);\n    if (type === OpCode.getData)',
      },
    ],
    expects: ['C4', 'C1', 'C8'],
    budget: 200,
  },
  {
    id: 'M30',
    what: 'a watch is set when the turn is over, and not with the read it belongs to',
    patches: [
      {
        file: 'server/pipeline/read-requests.js',
        find: '(isListing ? tree.childWatches : tree.dataWatches).add(path, connection);',
        replace:
          '(core.late ??= []).push(() => (isListing ? tree.childWatches : tree.dataWatches).add(path, connection));',
      },
      {
        file: 'server/pipeline/server-core.js',
        find: 'this.turnCount++;',
        replace: 'this.turnCount++;\n        for (const set of this.late?.splice(0) ?? []) set();',
      },
    ],
    expects: ['C7', 'C8'],
    budget: 500,
  },
  {
    id: 'M31',
    what: 'a watch that is set again after a reconnect does not tell of what was deleted',
    patches: [
      {
        file: 'server/pipeline/watch-requests.js',
        find: 'for (const path of request.dataWatches ?? []) {\n        const node = tree.get(path);\n        if (node === undefined)\n            connection.writeEvent(WatchEventType.nodeDeleted, path, -1);\n        else if',
        replace:
          'for (const path of request.dataWatches ?? []) {\n        const node = tree.get(path);\n        if (node === undefined)\n            tree.dataWatches.add(path, connection);\n        else if',
      },
    ],
    expects: ['C7', 'C8'],
    budget: 1000,
  },
  {
    id: 'M32',
    what: 'an event is sent behind the replies of its turn (B49)',
    patches: [
      {
        file: 'server/pipeline/client-connection.js',
        find: 'this.writeEvent(type, path, zxid);\n    }\n    /** `zxid`',
        replace:
          '(this.late ??= []).push([type, path, zxid]);\n        this.#touchOutput();\n    }\n    /** `zxid`',
      },
      {
        file: 'server/pipeline/client-connection.js',
        find: 'this.#isDirty = false;\n        if',
        replace:
          'for (const event of this.late?.splice(0) ?? []) this.writeEvent(...event);\n        this.#isDirty = false;\n        if',
      },
    ],
    expects: ['C8', 'C7'],
    budget: 500,
  },
  {
    id: 'M34',
    what: 'a refused part of a multi does not take back the parts before it',
    patches: [{ file: 'server/tree/prepare-request.js', find: 'this.#rollBackTo(start);', replace: '' }],
    expects: ['C5', 'P10', 'C12', 'crash'],
    budget: 1000,
  },
  {
    id: 'M48',
    what: 'who reads without a quorum may write, and is told that it is done',
    patches: [
      {
        file: 'server/pipeline/client-connection.js',
        find: 'errorReply(isClose ? ErrorCode.ok : ErrorCode.notReadOnly)',
        replace: 'errorReply(ErrorCode.ok)',
      },
    ],
    expects: ['C5'],
    budget: 500,
  },
  {
    id: 'M49',
    what: 'a server without a quorum says of sessions that it does not know that they have expired, as Apache’s does',
    patches: [
      {
        file: 'server/pipeline/read-only-path.js',
        find: "this.#ended.has(session) ? false : 'unknown'",
        replace: 'false',
      },
    ],
    expects: ['C11'],
    budget: 500,
  },
];
