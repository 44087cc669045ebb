import type { SimulatedMutant } from '../../mutants/mutant.ts';

/** Elections, epochs and quorums. */
export const ZAB_MUTANTS: readonly SimulatedMutant[] = [
  {
    id: 'M02',
    what: 'currentEpoch is written before the history that belongs to it (B14)',
    patches: [
      {
        file: 'server/zab/learner.js',
        find: 'const configuration = this.#leadersConfiguration();',
        replace:
          'const configuration = this.#leadersConfiguration();\n        yield* replica.enterEpoch(this.#epoch);',
      },
    ],
    expects: ['P3', 'P8', 'P9'],
    budget: 5000,
  },
  {
    id: 'M08',
    what: 'the log of the old role goes on writing while the next vote is given (B17)',
    patches: [
      {
        file: 'server/ensemble/local-replica.js',
        find: 'if (done === null || this.lastDurable < this.lastLogged)',
        replace: 'if (done === null)',
      },
    ],
    expects: ['P8', 'P9', 'crash'],
    budget: 5000,
  },
  {
    id: 'M12',
    what: 'an observer counts in a quorum (B29)',
    patches: [
      { file: 'server/zab/majority.js', find: 'if (this.voters.has(server))', replace: 'if (true)' },
      {
        file: 'server/zab/leader.js',
        find: 'if (isSynchronised(link) && !link.isObserver) {',
        replace:
          'if (isSynchronised(link) && link.isObserver) acks.push({ id: link.id, zxid: ownDurable });\n            else if (isSynchronised(link)) {',
      },
    ],
    expects: ['P1', 'P5', 'P8', 'D1'],
    budget: 1000,
  },
  {
    id: 'M13',
    what: 'half of the voters are a quorum',
    patches: [
      {
        file: 'server/zab/majority.js',
        find: 'return 2 * count > this.voters.size;',
        replace: 'return 2 * count >= this.voters.size - 1;',
      },
    ],
    expects: ['P1', 'P5', 'P8', 'P2', 'P4', 'P7', 'C11'],
    budget: 200,
  },
  {
    id: 'M14',
    what: 'an election compares zxids before epochs',
    patches: [
      {
        file: 'server/zab/vote.js',
        find: 'return left.peerEpoch - right.peerEpoch || left.zxid - right.zxid || left.leader - right.leader;',
        replace:
          'return left.zxid - right.zxid || left.peerEpoch - right.peerEpoch || left.leader - right.leader;',
      },
    ],
    expects: ['P8', 'P13', 'L1', 'L2', 'L3'],
    budget: 5000,
  },
  {
    id: 'M15',
    what: 'whatever one voter has acknowledged is committed',
    patches: [
      {
        file: 'server/zab/leader.js',
        find: 'const upTo = this.#rule.committedBy(this.#acksUpTo(own), this.#lastCommitted);',
        replace: 'const upTo = own;',
      },
    ],
    expects: ['P5', 'P8'],
    budget: 500,
  },
  {
    id: 'M16',
    what: 'a leader begins without a quorum that has its history',
    patches: [
      {
        file: 'server/zab/leader.js',
        find: 'const hasQuorum = () => this.#isQuorum(isSynchronised);',
        replace: 'const hasQuorum = () => true;',
      },
    ],
    expects: ['P5', 'P8', 'P13', 'P7', 'C4', 'L1', 'L2', 'L3', 'L9'],
    budget: 20_000,
  },
  {
    id: 'M17',
    what: 'UPTODATE is sent before a quorum has acknowledged NEWLEADER',
    patches: [
      {
        file: 'server/zab/leader.js',
        find: "if (this.#phase === 'broadcast')\n                this.#activate(link);",
        replace: 'if (true)\n                this.#activate(link), this.#wake();',
      },
    ],
    expects: ['P7', 'P8', 'C4'],
    budget: 5000,
  },
  {
    id: 'M18',
    what: 'what is proposed while a learner is being synchronised is not sent to it (B09)',
    patches: [
      {
        file: 'server/zab/leader.js',
        find: 'if (link.isForwarding && !link.isObserver)',
        replace: "if (link.isForwarding && link.state === 'active' && !link.isObserver)",
      },
    ],
    expects: ['P6', 'P8', 'P11', 'L2', 'L1'],
    budget: 2000,
  },
  {
    id: 'M19',
    what: 'at UPTODATE a learner takes for committed all that it has logged (TLA+ issue 3)',
    patches: [
      {
        file: 'server/zab/learner.js',
        find: 'yield* this.#receiveUntil(PacketType.upToDate);',
        replace:
          'yield* this.#receiveUntil(PacketType.upToDate);\n        this.#committed = this.#replica.lastLogged;',
      },
    ],
    expects: ['P6', 'P7', 'C1'],
    budget: 2000,
  },
  {
    id: 'M20',
    what: 'a DIFF begins one txn too late, and the learner does not look (B16)',
    patches: [
      {
        file: 'server/zab/sync-plan.js',
        find: 'from: at + 1 };',
        replace: 'from: Math.min(at + 2, committedCount) };',
      },
      {
        file: 'server/ensemble/local-replica.js',
        find: 'if (!follows(zxid, this.lastLogged)) {',
        replace: 'if (false) {',
      },
    ],
    expects: ['P11', 'P8'],
    budget: 5000,
  },
  {
    id: 'M21',
    what: 'epochs go on where a zxid is no exact double any more (in ensembles that are near it)',
    patches: [
      { file: 'server/base/zxid.js', find: '2 ** 21 - 1', replace: '2 ** 22 - 1' },
      {
        file: 'harness/sim/swarm.js',
        find: 'if (prng.next() >= 0.1)\n        return null;',
        replace: 'if (prng.next() >= 0)\n        return { epoch: 2 ** 21 - 3, counter: 7 };',
      },
    ],
    expects: ['P2', 'P4', 'P8', 'P11', 'P12', 'D2', 'D4', 'L1', 'crash'],
    budget: 500,
  },
  {
    id: 'M22',
    what: 'the counter of an epoch begins anew when it has come to its end (B30)',
    patches: [
      {
        file: 'server/zab/leader.js',
        find: 'if (counterOf(zxid) >= counterMax - 1)',
        replace: 'if (false)',
      },
      {
        file: 'server/base/zxid.js',
        find: "assert(counterOf(zxid) < COUNTER_MAX, 'no zxid left in this epoch');",
        replace: 'if (counterOf(zxid) >= 200)\n        return zxid - counterOf(zxid) + 1;',
      },
    ],
    expects: ['P2', 'P4', 'P11', 'P12', 'D2', 'crash'],
    budget: 500,
  },
  {
    id: 'M38',
    what: 'a leader waits for the acks of all who follow (B44)',
    patches: [
      {
        file: 'server/zab/leader.js',
        find: 'const upTo = this.#rule.committedBy(this.#acksUpTo(own), this.#lastCommitted);',
        replace:
          'const acks = this.#acksUpTo(own);\n        const upTo = Math.max(this.#lastCommitted, Math.min(this.#rule.committedBy(acks, this.#lastCommitted), ...acks.map(({ zxid }) => zxid)));',
      },
    ],
    expects: ['L4'],
    budget: 500,
  },
  {
    id: 'M40',
    what: 'the promise of an epoch is given before it is durable',
    patches: [
      {
        file: 'server/ensemble/local-replica.js',
        find: "yield* this.#writeEpoch('acceptedEpoch', epoch);\n        this.#acceptedEpoch = epoch;",
        replace: 'this.#acceptedEpoch = epoch;',
      },
    ],
    expects: ['P1', 'P2', 'P3'],
    budget: 1000,
  },
];
