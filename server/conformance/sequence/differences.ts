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

const ROOT_IN_HANDSHAKE =
  '{c=0 m=0 p=@handshake.55 ctime=0 mtime=0 version=0 cversion=1 aversion=0 owner=0 length=0 children=1}';
const NO_READ_NO_STAT =
  'since 3.8.4 and 3.9.2 exists needs the right to read, too; Debian does not have that fix';
const ONE_NAME_FOR_THE_ROOT = 'Apache finds its root under "" as well, an accident of its map; ours does not';
const NULL_ID_IS_NO_ID =
  'Apache throws a NullPointerException at an ACL entry without an id and answers whatever became of it';
const REFUSED_WITHOUT_A_TXN =
  'a write that cannot be read is refused without a transaction: Apache logs one that can block an ensemble (trap 83)';
const WATCHED_IN_ONE_WAY =
  'before 3.9 a connection watched a path in one way only, the last it had asked for, and "data" ended all of them';
const CREATE2_IN_A_MULTI =
  'since 3.9.5 a create2 in a multi is answered with a stat (ZOOKEEPER-4026), before it was answered as a create';
const NO_CHECK_ALONE = 'since 3.9 a check outside a multi is no request, and the connection is closed';
const REFUSED_BY_ITSELF =
  'an operation of a multi with an unknown flag is refused as before 3.9.5, which says −5 of the whole multi';
const PASSWORD_FIRST =
  'ours looks at the password before it sends away whoever holds the session: in Apache anyone who knows an id can';

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
  step('handshake.72', PASSWORD_FIRST, `ok 0 zxid+1 ${ROOT_IN_HANDSHAKE}`),
  step('handshake.74', PASSWORD_FIRST, `ok 0 zxid+0 ${ROOT_IN_HANDSHAKE}`, 'ok 0 zxid+1'),
  ...['nodes.97', 'nodes.98', 'nodes.99', 'nodes.100'].map((id) =>
    step(id, ONE_NAME_FOR_THE_ROOT, 'noNode -101 zxid+0'),
  ),
  step('acls.6', NULL_ID_IS_NO_ID, 'invalidAcl -114 zxid+1'),
  step('acls.20', NULL_ID_IS_NO_ID, 'invalidAcl -114 zxid+1'),
  step('acls.62', NO_READ_NO_STAT, 'noAuth -102 zxid+0'),
  step(
    'persistent-watches.40',
    WATCHED_IN_ONE_WAY,
    'event NodeDataChanged state=3 /p',
    'event NodeCreated state=3 /p/t',
    'event NodeChildrenChanged state=3 /p',
    'event NodeDataChanged state=3 /p',
    'ok 0 zxid+0',
  ),
  step(
    'sequential.15',
    CREATE2_IN_A_MULTI,
    'ok 0 zxid+1 [1/0 /seq/m-0000000010; 1/0 /seq/m-0000000011; 15/0 /seq/m-0000000012 {c=@sequential.15 m=@sequential.15 p=@sequential.15 ctime<=mtime version=0 cversion=0 aversion=0 owner=0 length=0 children=0}] end=-1/-1',
  ),
  step(
    'multis.5',
    CREATE2_IN_A_MULTI,
    'ok 0 zxid+1 [13/0; 1/0 /m/one; 15/0 /m/two {c=@multis.5 m=@multis.5 p=@multis.5 ctime<=mtime version=0 cversion=0 aversion=0 owner=0 length=1 children=0}; 5/0 {c=@multis.3 m=@multis.5 p=@multis.5 ctime<=mtime version=1 cversion=2 aversion=0 owner=0 length=1 children=2}; 5/0 {c=@multis.3 m=@multis.5 p=@multis.5 ctime<=mtime version=2 cversion=2 aversion=0 owner=0 length=1 children=2}; 13/0; 1/0 /m/one/nested; 1/0 /m/one/s-0000000001; 2/0] end=-1/-1',
  ),
  step('multis.19', REFUSED_BY_ITSELF, 'ok 0 zxid+1 [-1/-8 badArguments -8] end=-1/-1'),
  step('odd-types.4', NO_CHECK_ALONE, 'unimplemented -6 zxid=-1'),
  step('odd-types.5', NO_CHECK_ALONE, 'closed'),
  step('persistent-watches.47', WATCHED_IN_ONE_WAY, 'noWatcher -121 zxid+0'),
  step('persistent-watches.48', WATCHED_IN_ONE_WAY, 'noWatcher -121 zxid+0'),
  ...['multis.29', 'multis.34', 'multis.39', 'multis.44'].map((id) =>
    step(id, REFUSED_WITHOUT_A_TXN, 'marshallingError -5 zxid+1'),
  ),
];

function step(id: string, why: string, ...ours: readonly string[]): Difference {
  return { type: 'step', id, ours, why };
}
