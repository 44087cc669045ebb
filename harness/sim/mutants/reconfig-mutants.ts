import type { SimulatedMutant } from '../../mutants/mutant.ts';

/** Of who decides while members come and go. */
export const RECONFIG_MUTANTS: readonly SimulatedMutant[] = [
  {
    id: 'M43',
    what: 'the new configuration alone decides on the change to it',
    patches: [
      {
        file: 'server/zab/leader.js',
        find: '[configurations.committed.verifier, membership.verifier]',
        replace: '[membership.verifier]',
      },
    ],
    expects: ['P5', 'P8', 'D1'],
    budget: 2000,
  },
  {
    id: 'M44',
    what: 'who was taken out counts on',
    patches: [
      {
        file: 'server/zab/leader.js',
        find: 'this.#rule?.commit(zxid, membership.verifier);',
        replace: 'this.#rule?.commit(zxid, before.verifier);',
      },
    ],
    expects: ['P5', 'P8', 'D1', 'L1', 'L3'],
    budget: 2000,
  },
  {
    id: 'M47',
    what: 'a restart forgets a change that was proposed',
    patches: [
      {
        file: 'server/zab/configurations.js',
        find: 'if (found.version > this.newest.version)',
        replace: 'if (false)',
      },
    ],
    expects: ['P1', 'P5', 'P8', 'P13', 'D1', 'C11', 'L1'],
    budget: 20_000,
  },
];
