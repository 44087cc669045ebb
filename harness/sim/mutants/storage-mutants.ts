import type { SimulatedMutant } from '../../mutants/mutant.ts';

/** What is said to be on the disk, and is not. */
export const STORAGE_MUTANTS: readonly SimulatedMutant[] = [
  {
    id: 'M46',
    what: 'what a multi did is not made again from the log',
    patches: [
      {
        file: 'server/pipeline/database.js',
        find: 'applyTxn(this, header, ownedTxn(txn, owned), this.#options.nowMs);',
        replace:
          'applyTxn(this, header, ownedTxn(txn.type === 14 ? { type: 14, txns: [] } : txn, owned), this.#options.nowMs);',
      },
    ],
    expects: ['D3'],
    budget: 500,
  },
  {
    id: 'M01',
    what: 'a txn is acknowledged before its flush has completed (B13)',
    patches: [
      {
        file: 'server/storage/group-commit.js',
        find: 'areWritesDurable: options.forceSync',
        replace: 'areWritesDurable: false',
      },
    ],
    expects: ['D1', 'D4', 'P8', 'L5'],
    budget: 1000,
  },
  {
    id: 'M03',
    what: 'the file of an epoch is not flushed',
    patches: [{ file: 'server/storage/small-file.js', find: 'yield* syncFile(file);', replace: '' }],
    expects: ['P2', 'P3', 'L5'],
    budget: 2000,
  },
  {
    id: 'M04',
    what: 'the directory is not flushed after an epoch was renamed into place (B33)',
    patches: [
      {
        file: 'server/storage/small-file.js',
        find: 'yield* renameFile(temporaryPath, path);\n    yield* syncDirectory(directoryOf(path));',
        replace: 'yield* renameFile(temporaryPath, path);',
      },
    ],
    expects: ['P1', 'P2', 'P3', 'L5'],
    budget: 20_000,
  },
  {
    id: 'M05',
    what: 'what a learner takes back is not taken back durably',
    // Whoever has cut a log reads it again, and makes durable what it has read: one of the two is enough.
    patches: [
      { file: 'server/storage/truncate.js', find: 'yield* syncFile(file);', replace: '' },
      {
        file: 'server/storage/recovery.js',
        find: "yield* withFile(path, 'write', syncFile);",
        replace: '{}',
      },
    ],
    expects: ['D1', 'D4', 'P8', 'P9', 'P11', 'L5'],
    budget: 5000,
  },
  {
    id: 'M06',
    what: 'a snapshot that came from the leader is not made durable (B08, B10)',
    patches: [
      {
        file: 'server/ensemble/local-replica.js',
        find: 'yield* writeSnapshot({ directory: config.snapDir, source: tree.beginSnapshot(sessions.timeouts()) });',
        replace: '',
      },
    ],
    expects: ['D1', 'D4', 'P8', 'P9', 'L5', 'crash'],
    budget: 5000,
  },
  {
    id: 'M07',
    what: 'after a TRUNC memory still has what was taken back (B11)',
    patches: [
      {
        file: 'server/ensemble/local-replica.js',
        find: 'yield* this.#load();\n        if (!isCut)',
        replace:
          'const kept = this.#database;\n        yield* this.#load();\n        this.#database = kept;\n        if (!isCut)',
      },
    ],
    expects: ['P7', 'P9', 'P10', 'P11', 'D1', 'crash'],
    budget: 5000,
  },
  {
    id: 'M10',
    what: 'a log is cut at the first entry that cannot be read, wherever that is',
    patches: [
      {
        file: 'server/storage/log-tail.js',
        find: 'if (mark !== null && mark.start > offset) {',
        replace:
          "if (true)\n        return { type: 'torn' };\n    if (mark !== null && mark.start > offset) {",
      },
    ],
    expects: ['D1', 'D4', 'P8', 'L5'],
    budget: 5000,
  },
  {
    id: 'M37',
    what: 'a server that stopped between its history and the epoch of it refuses to start (B31)',
    patches: [
      {
        file: 'server/storage/epoch-file.js',
        find: 'if (lastEpoch <= current)',
        replace:
          "if (lastEpoch > current)\n        throw stale(directory, 'currentEpoch', 'it is older than the last zxid');\n    if (true)",
      },
    ],
    expects: ['L5'],
    budget: 2000,
  },
  {
    id: 'M39',
    what: 'a leader whose log has failed goes on leading (B45)',
    patches: [
      {
        file: 'server/storage/group-commit.js',
        find: 'this.#options.onFailure(this.#failure);',
        replace: '',
      },
    ],
    expects: ['L1', 'L2', 'L3', 'L9'],
    budget: 500,
  },
];
