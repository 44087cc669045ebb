import type { TestedMutant } from '../../mutants/mutant.ts';

/** Of what no simulated client does, or of limits that no simulated write comes near. */
export const TESTED_MUTANTS: readonly TestedMutant[] = [
  {
    id: 'M27',
    what: 'a server that was stopped for a while expires all sessions before it reads what came meanwhile',
    patches: [
      {
        file: 'server/pipeline/server-core.js',
        find: 'this.#isTick = true;',
        replace: 'this.#isTick = true;\n        this.#expire();',
      },
    ],
    test: 'server/pipeline/sessions.test.js',
    claim: 'a server that was stopped reads what has come before it expires anybody',
  },
  {
    id: 'M35',
    what: 'who watches all below a node is told of those it may not read, if it may read the one above',
    patches: [
      {
        file: 'server/pipeline/client-connection.js',
        find: 'if (!this.#core.allows(aclId, Perms.read, this.ids))',
        replace:
          "if (!this.#core.allows(this.#core.tree.get(path.slice(0, path.lastIndexOf('/')) || '/')?.aclId ?? aclId, Perms.read, this.ids))",
      },
    ],
    test: 'server/pipeline/watch-requests.test.js',
    claim: 'below a node one may read there can be nodes one may not',
  },
  {
    id: 'M36',
    what: 'a txn is logged that is longer than a log reader takes (B28)',
    patches: [
      {
        file: 'server/storage/group-commit.js',
        find: 'if (to - from > this.#options.txnSizeMax) {',
        replace: 'if (false) {',
      },
    ],
    test: 'server/storage/crash.test.js',
    claim: 'a txn of any length is refused, or read back by the next start',
  },
  {
    id: 'M42',
    what: 'the old configuration alone decides on a change of it',
    patches: [
      {
        file: 'server/zab/leader.js',
        find: '[configurations.committed.verifier, membership.verifier]',
        replace: '[configurations.committed.verifier]',
      },
    ],
    test: 'server/zab/leader-reconfig.test.js',
    claim: 'who comes while a change is under way is brought up to date when it is committed',
  },
  {
    id: 'M23',
    what: 'a snapshot under way sees what a multi changes meanwhile (B22)',
    patches: [
      {
        file: 'server/pipeline/apply-txn.js',
        find: 'applyMulti(tree, header, txn, onSubTxn);\n            break;',
        replace:
          'tree.inMulti = true;\n            applyMulti(tree, header, txn, onSubTxn);\n            tree.inMulti = false;\n            break;',
      },
      {
        file: 'server/tree/data-tree.js',
        find: 'if (this.#view !== null)\n            this.#view.capture(node);',
        replace: 'if (this.#view !== null && !this.inMulti)\n            this.#view.capture(node);',
      },
    ],
    test: 'server/tree/snapshot-view.test.js',
    claim: 'it is the tree as it was at its zxid',
  },
  {
    id: 'M45',
    what: 'a leader that knows of a change asks the old configuration alone',
    patches: [
      {
        file: 'server/zab/configurations.js',
        find: 'return this.verifiers.every((verifier) => verifier.containsQuorum(servers));',
        replace: 'return this.#committed.verifier.containsQuorum(servers);',
      },
      {
        file: 'server/zab/electorate.js',
        find: 'return this.#verifiers.every((verifier) => verifier.containsQuorum(servers));',
        replace: 'return this.#committed.verifier.containsQuorum(servers);',
      },
    ],
    test: 'server/zab/leader-reconfig.test.js',
    claim: 'and the leader goes when those who are here are not enough',
  },
];
