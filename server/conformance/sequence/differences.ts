/**
 * A way in which our server is known to differ from the Apache ZooKeeper it is compared with, and is meant to.
 * Either one step's whole answer, or a rewriting of lines after which both sides must be equal.
 */
export type Difference =
  | {
      readonly type: 'step';
      readonly id: string;
      /** Exactly what ours says. */
      readonly ours: readonly string[];
      readonly why: string;
    }
  | {
      readonly type: 'rewrite';
      readonly pattern: RegExp;
      readonly replacement: string;
      readonly why: string;
    };

/**
 * The whole list. Debian's Apache is 3.8.0 with some security fixes; ours follows 3.9.5. "Trap n" is the number
 * in the protocol notes' list of traps (§8).
 */
export const DIFFERENCES: readonly Difference[] = [
  {
    type: 'rewrite',
    pattern: /^(event .*) zxid=\S+$/,
    replacement: '$1',
    why: 'since 3.9.0 a watch event carries the zxid of its transaction, before it was -1 (trap 28)',
  },
];
