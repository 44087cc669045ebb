/** Where a trap is held: the title of a test, or a part of it; or why there is nothing to hold yet. */
export type Held = { readonly test: string } | { readonly later: string };

interface Trap {
  /** What goes wrong for who steps into it. */
  readonly what: string;
  readonly held: Held;
}

const at = (what: string, test: string): Trap => ({ what, held: { test } });
const later = (what: string, why: string): Trap => ({ what, held: { later: why } });

/**
 * What every server that speaks this protocol has got wrong at some time, by the numbers of the protocol notes (§8). Each
 * is held by a test that exists.
 */
export const TRAPS: ReadonlyMap<number, Trap> = new Map<number, Trap>([
  // Encoding
  [
    1,
    at('an i64 in a double, a session id without its sign', 'a session id with its top bit set is negative'),
  ],
  [
    2,
    at('versions that do not wrap as int32', 'int32 counters wrap, and a wrapped cversion counts as raised'),
  ],
  [3, at('checksums with a sign, digests beyond 64 bits', 'the sum is kept modulo 2^64')],
  [
    4,
    at(
      'a checksum over the length too, or not carried on from seal to seal',
      'transactions of Apache written again by us are the same bytes in the log',
    ),
  ],
  [5, at('null, empty and absent taken for one another', 'null, empty and absent are three things')],
  [
    6,
    at(
      'astral characters as Java writes them',
      'a surrogate pair is written as six bytes and read from six or from four',
    ),
  ],
  [
    7,
    at(
      'a frame that comes in pieces, a word in place of a length',
      'every segmentation of a stream yields the same frames',
    ),
  ],
  [8, at('part of a packet consumed', 'no part of a packet is handed out')],
  // Handshake and sessions
  [
    9,
    at(
      'a 37th byte that an old client takes for the next frame',
      'an old client’s answer has 36 bytes, a new one’s 37',
    ),
  ],
  [10, at('a password that another server does not know', 'the passwords Apache’s servers hand out')],
  [
    11,
    at('a new session in place of one that has ended', 'unknown, closing and expired sessions are refused'),
  ],
  [
    12,
    at(
      'a client that is ahead told that it has expired',
      'lastZxidSeen ahead of this server: closed without a byte',
    ),
  ],
  [13, at('a handshake that waits for a quorum', 'who wants a session is closed without an answer')],
  [
    14,
    at('a moved session answered', 'a session that has moved loses its connection here without an answer'),
  ],
  [
    15,
    at(
      'ephemerals that outlive the reply to closeSession',
      'closeSession: ephemerals gone in its one txn, the reply, then the end',
    ),
  ],
  [
    16,
    at(
      'what is pipelined behind the handshake is lost',
      'what is pipelined behind the handshake is answered after it, in order',
    ),
  ],
  [17, at('a ping that waits for the disk', 'a ping is answered at once where nothing of its client waits')],
  [18, at('only pings keep a session', 'whatever comes keeps the session alive')],
  [
    19,
    at(
      'a leader that does not hear of its followers’ sessions',
      'a ping is answered with the sessions that were heard from',
    ),
  ],
  [
    20,
    at('sessions that end because their leader did', 'who takes over gives everybody the full timeout again'),
  ],
  [21, at('a session that ends early', 'nothing expires early, and everything in the tick after it is due')],
  [
    22,
    at('one session id given out twice', 'no two servers give out the same, and none gives out one twice'),
  ],
  // Replies
  [23, at('addWatch without its four bytes', 'addWatch is answered with a body of four bytes')],
  [24, at('a failed multi as an error of the header', 'a failing multi: header 0, 0 before the failure')],
  [
    25,
    at('a container answered as a plain create', 'createContainer and createTTL are answered with a stat'),
  ],
  [
    26,
    at(
      'pings and setWatches out of turn',
      'replies come in the order of the requests, ping and setWatches in their places',
    ),
  ],
  [27, at('a zxid that goes back', 'a reply’s zxid is the tree’s at the time, exactly')],
  [28, at('−1 in an event taken for a zxid', 'setWatches tells what was missed, with zxid −1')],
  [29, at('a code that Java does not know', 'whatever three clients ask, ours answers as Apache does')],
  [30, at('a body behind an error', 'whatever three clients ask, ours answers as Apache does')],
  [
    31,
    at(
      'sync without its path, exists without its watch',
      'sync answers with its path, exists of a missing node with −101',
    ),
  ],
  [
    32,
    at(
      'children in an order that somebody relies on',
      'whatever three clients ask, ours answers as Apache does',
    ),
  ],
  [33, at('whoAmI without the address', 'a connection starts with its address as Java prints it')],
  // The tree
  [
    34,
    at('cversion counted otherwise than by creates', 'create and delete of a child move cversion and pzxid'),
  ],
  [35, at('a fresh root that says 0', 'the root of a fresh server has cversion −1')],
  [36, at('pzxid that a delete leaves alone', 'create and delete of a child move cversion and pzxid')],
  [37, at('a sequence number given twice', 'pipelined sequential creates get different numbers')],
  [
    38,
    at(
      'checked against what is applied, not what is proposed',
      'requests are checked against what is outstanding',
    ),
  ],
  [
    39,
    at(
      'a failed write that leaves no trace in the order',
      'a failed write consumes a zxid and stands in the log as an error txn',
    ),
  ],
  [
    40,
    at(
      'a time of one’s own in a stat',
      'results, stats, errors and events are those of the model, at every zxid',
    ),
  ],
  [
    41,
    at(
      'a container that shows its owner, or goes unused',
      'containers and TTL nodes show no owner and are no session’s',
    ),
  ],
  [42, at('children of an ephemeral', 'create: of several things wrong, the first of the table is answered')],
  [43, at('the system’s nodes deleted', 'what the server made for itself is not a client’s to delete')],
  [44, at('an empty ACL stored', 'an ACL that may not be stored is refused, and duplicates are stored once')],
  [45, at('a read that judges its path', 'our server does what Apache does')],
  [46, at('the root counted once', 'our server does what Apache does')],
  [47, at('quota statistics in the digest', 'the use is counted when limits are set, and kept from there')],
  // Watches
  [
    48,
    at(
      'a watch that survives its connection',
      'a watch is for the one connection that set it, and goes with it',
    ),
  ],
  [49, at('exists of a missing node without a watch', 'events: the table of §1.8, row by row')],
  [50, at('a deletion told twice', 'who was told by the other table is not told again')],
  [
    51,
    at(
      'children told to a recursive watch, and not to a persistent one',
      'a persistent watch stays, whatever else its watcher asked for',
    ),
  ],
  [
    52,
    at(
      'an event behind the reply that shows it',
      'an event stands before the reply of the write that caused it',
    ),
  ],
  [53, at('events of a multi that failed', 'of a multi that failed nothing is told')],
  [54, at('an event of a node that may not be read', 'who may not read a node is not told of it')],
  [
    55,
    at(
      'removal of a watch that was never set answered with 0',
      'a watch is found and ended by the way it watches',
    ),
  ],
  [
    56,
    at(
      'a watch on a node that is missing',
      'a watch is for the one connection that set it, and goes with it',
    ),
  ],
  // Files
  [57, at('a log without a snapshot below it', 'a log without a snapshot is refused')],
  [
    58,
    at(
      'a bad checksum taken for a torn tail',
      'a bit flipped anywhere before the last batch is refused with the place',
    ),
  ],
  [
    59,
    at(
      'half of the snapshot’s optional blocks',
      'a snapshot of Apache written again by us is the same bytes',
    ),
  ],
  [
    60,
    at(
      'a fuzzy snapshot replayed as if it were a point in time',
      'a log applied from any earlier state on, twice or from further back',
    ),
  ],
  [61, at('an answer before the flush, an epoch before its history', 'the order of the durable steps')],
  [
    62,
    at(
      'a promise that is not durable',
      'it says who it is, and promises on its disk before it does in words',
    ),
  ],
  [
    63,
    at(
      'a snapshot above the cut',
      'after a truncation the history ends at its zxid, whatever snapshots there were',
    ),
  ],
  [
    64,
    at(
      'the log that the oldest snapshot needs purged',
      'purging keeps the newest snapshots and the log that goes on from the oldest',
    ),
  ],
  [
    65,
    at(
      'an epoch file written in place',
      'after a power cut at any step an epoch file holds the old epoch or the new',
    ),
  ],
  // Quorum and election
  [66, at('INFORMs in a synchronisation', 'an active observer takes INFORMs, and acknowledges nothing')],
  [
    67,
    at(
      'the second ACK of an epoch counted',
      'after NEWLEADER the broadcast is logged, and acknowledged after UPTODATE',
    ),
  ],
  [
    68,
    at(
      'something said before the ack of NEWLEADER',
      'before its ack of NEWLEADER a learner may say nothing else',
    ),
  ],
  [
    69,
    at(
      'ACKEPOCH −1 counted, or not synchronised',
      'who accepted the epoch before does not count for it, and is synchronised all the same',
    ),
  ],
  [
    70,
    at('TRUNC to the zxid of a new epoch', 'what it plans brings every history that can be to the leader’s'),
  ],
  [71, at('TRUNC across epochs', 'what it plans brings every history that can be to the leader’s')],
  [72, at('a COMMIT that is not the next passed over', 'each phase takes its own packets and no others')],
  [
    73,
    at(
      'what is proposed before UPTODATE acknowledged before it',
      'after NEWLEADER the broadcast is logged, and acknowledged after UPTODATE',
    ),
  ],
  [
    74,
    at(
      'a learner that came anew taken for the one before',
      'it is the connection that counts, and not whose it is',
    ),
  ],
  [75, at('two connections of one pair', 'who keeps a connection of two')],
  [
    76,
    at(
      'a wrong round told to who has no vote',
      'is answered at once, in the current round, and told again how it ended',
    ),
  ],
  [77, at('a leader believed by hearsay', 'LOOKING hears FOLLOWING and LEADING')],
  [78, at('the wrong epoch in a vote', 'the epoch in its vote is the new one as soon as it is synchronised')],
  [79, at('a version read as decimal', 'a config text carries its version in hex')],
  [80, at('host names resolved', 'the config text is Apache’s, byte for byte, and reads back as the same')],
  [81, at('an observer that counts', 'observers, and who is no voter, are never counted')],
  // Not to be copied
  [82, at('createTTL without a TTL', 'createTTL with a flag that has none, or without a time, is refused')],
  [
    83,
    at(
      'an unreadable write with another’s zxid',
      'a write that can’t be read leaves no trace and is answered −5',
    ),
  ],
  [
    84,
    at(
      'what is the server’s own asked for by a client',
      'a type that is no client’s gets −6, zxid −1, and the end',
    ),
  ],
  [
    85,
    at(
      'a container’s flag on a plain create',
      'create: of several things wrong, the first of the table is answered',
    ),
  ],
  [
    86,
    at(
      'a read-only server that answers a handshake with half of one',
      'who can do with reads alone is served, and told',
    ),
  ],
  // Operators
  [
    87,
    at(
      'another text for a word that is not allowed',
      'only srvr is allowed by default, it always is, and the refusal is Apache’s',
    ),
  ],
  [
    88,
    at(
      'an answer cut by a reset',
      'what four-letter words answer is sent before the end, also when it is nothing',
    ),
  ],
  [89, at('child watches in wch*', 'watches, by path and by session')],
  [90, at('mntr without zk_', 'mntr has only keys that Apache has')],
  [91, later('a status code for an unknown command', 'AdminServer')],
  [92, at('isro with a line end', 'ruok and isro answer exactly, without a line end')],
]);
