/** Something that attackers have done, or could do, to a ZooKeeper. */
export interface Surface {
  /** A CVE of Apache's, or a name. */
  readonly name: string;
  readonly what: string;
  /** Titles of the tests that hold it, or parts of them. */
  readonly tests: readonly string[];
  /** What of it nothing holds yet, and why. */
  readonly open?: string;
}

/** Every CVE of Apache ZooKeeper, and what it teaches here. */
export const CVES: readonly Surface[] = [
  {
    name: 'CVE-2016-5017',
    what: 'a command line that is too long for a client’s buffer',
    tests: ['a line of any length is read to its end (CVE-2016-5017)'],
  },
  {
    name: 'CVE-2017-5637',
    what: 'wchp and wchc from strangers burn the processor',
    tests: [
      'only srvr is allowed by default, it always is, and the refusal is Apache’s',
      'of an answer, however long, a piece is made at a time, and together they are all of it',
      'no more of an answer is made than its reader takes',
      'so many requests a second are answered, and the others refused',
    ],
  },
  {
    name: 'CVE-2018-8012',
    what: 'anybody joins the ensemble and propagates changes',
    tests: [
      'who speaks garbage or says it is somebody is closed with one line, and the rest goes on',
      'what would let strangers among the servers is refused, where there are several',
      'whoever else comes is refused with a line, and the others go on',
      'who has another password is not let in, with TLS below or without',
    ],
    open: 'without TLS or SASL between servers, who reaches the ports and knows an id can take its place for a moment',
  },
  {
    name: 'CVE-2019-0201',
    what: 'getACL shows digests to everybody',
    tests: ['without the right to administer, getACL shows no password’s digest'],
  },
  {
    name: 'CVE-2023-44981',
    what: 'a principal without an instance is let in unasked',
    tests: [
      'an ACL names what can be a principal',
      'what is right in itself and means something else is refused',
      'who has authenticated at any server is that to the leader, and nobody else is',
      'another password lets nothing through, and neither does none',
    ],
  },
  {
    name: 'CVE-2024-23944',
    what: 'a recursive watch tells of nodes that its owner may not read',
    tests: [
      'below a node one may read there can be nodes one may not (CVE-2024-23944)',
      'of a watched node that is closed to the watcher, its deletion is not told',
    ],
  },
  {
    name: 'CVE-2024-51504',
    what: 'the AdminServer believes X-Forwarded-For',
    tests: [
      'whoever a request says it is from, it is answered as any other',
      'who is on loopback goes by no name of others, and by no word of a proxy',
    ],
  },
  {
    name: 'CVE-2025-58457',
    what: 'snapshot and restore for who may not',
    tests: [
      'requests that nobody should send are refused and change nothing',
      'only who may do everything with the root is answered',
      'what is not enabled, asked for too soon or in another way is refused',
    ],
  },
  {
    name: 'CVE-2026-24281',
    what: 'a host name is checked against what reverse DNS says',
    tests: [
      'who has no certificate, or one of somebody else, is closed, and others are not',
      'a certificate is for the hosts that it lists, letter by letter',
      'whoever else comes is refused with a line, and the others go on',
      'nobody connects to a server whose certificate is for another host',
    ],
  },
  {
    name: 'CVE-2026-24308',
    what: 'secrets of the configuration are logged',
    tests: [
      'no answer of a port for operators, and no line of the log, has a secret',
      'a secret prints as stars however it is printed',
      'no password is in anything that may be shown, however it is written',
      'a PKCS12 store with its password, and no password in what the server tells',
    ],
  },
  {
    name: 'dependencies',
    what: 'holes of libraries that come along',
    tests: ['the server is made of itself and Node: nobody else’s hole is its own'],
  },
];

/** What else has been done to Apache's server from outside, or could be. */
export const SURFACES: readonly Surface[] = [
  {
    name: 'predictable session passwords',
    what: 'a session’s password is reckoned from its id, and the session taken over',
    tests: [
      'with one they are known to who has it',
      'a password is right in all of its bytes or not at all',
      'no two servers give out the same, and none gives out one twice',
    ],
    open: 'without stampede.sessionSecretFile passwords are Apache’s, so that its servers know them',
  },
  {
    name: 'a session kicked without its password',
    what: 'the holder is closed before the password is checked',
    tests: [
      'a wrong password is refused and leaves the session’s holder connected',
      'a wrong password does not come as far as the leader',
      'nor of any to who has the wrong password, and nobody gets one by it',
    ],
  },
  {
    name: 'deep trees',
    what: 'a recursion over the tree overflows the stack, at every start again',
    tests: [
      'paths have a length and a depth at most',
      'a tree as deep as anybody allows is written to a snapshot, read at a start, and served',
    ],
  },
  {
    name: 'allocation by announced length',
    what: 'four bytes make the server take a megabyte',
    tests: [
      'an announced megabyte takes no more memory than what has come of it',
      'requests that do not come to their end cost no more than all may together',
      'a connection without a session has ten seconds and 4 KiB for its handshake',
    ],
  },
  {
    name: 'connection floods',
    what: 'more connections than the server has descriptors for',
    tests: [
      'a flood is closed beyond each of the limits, and makes room by going',
      '${CYCLES} connections that are abandoned leave nothing behind',
      'honest clients beside others that are not',
    ],
  },
  {
    name: 'slow senders',
    what: 'a byte a second holds a connection for ever',
    tests: [
      'a request has so long to come, from its first byte to its last',
      'a connection without a session has ten seconds and 4 KiB for its handshake',
      'bytes that are no TLS, and handshakes that do not go on, are closed',
    ],
  },
  {
    name: 'slow readers',
    what: 'what a client does not take fills the memory',
    tests: [
      'a client that does not take its replies is not read from until it does',
      'a client whose reads behind a write ask for more than can be kept is sent away',
      'a turn sends a slice, and who takes nothing is not sent for',
      'who does not read gets no more than fits, and is made no more for',
    ],
  },
  {
    name: 'giant multis and vectors',
    what: 'a count of two thousand millions is believed',
    tests: [
      'a count is refused before anything is made of it',
      'a multi has so many operations at most, and is then refused as a whole',
      'no bytes throw anything, and they end nobody’s connection but their own',
    ],
  },
  {
    name: 'a txn beyond the limit of the log',
    what: 'a log that no server reads again',
    tests: [
      'a txn longer than a log reader takes is refused before anybody has seen it (B28, ZOOKEEPER-3496)',
    ],
  },
  {
    name: 'floods of watches',
    what: 'watches without end',
    tests: ['a connection has so many watches at most, of whatever kind'],
  },
  {
    name: 'floods of znodes',
    what: 'nodes and ephemerals without end',
    tests: [
      'a tree at its limits is read and changed, and grows no more',
      'nor does its data',
      'a session has so many ephemerals at most',
    ],
  },
  {
    name: 'four-letter words',
    what: 'words answer whoever reaches the port, before any authentication',
    tests: [
      'only srvr is allowed by default, it always is, and the refusal is Apache’s',
      'a word is told from the length of a frame',
      'what once broke something, what was recorded, and some more',
    ],
  },
  {
    name: 'the AdminServer',
    what: 'it is there unasked, for everybody, by every method and for every page',
    tests: [
      'where nobody asks for it there is no port but that of the clients',
      'nothing is done by other methods',
      'requests that nobody should send are refused and change nothing',
      'bytes that are no HTTP, and heads beyond 8 KiB, harm nobody else',
      'so many requests a second are answered, and the others refused',
      'the policy of the page lets nothing else run or load, and no frame hold it',
    ],
  },
  {
    name: 'the ports between servers',
    what: 'false followers, votes, acks and epochs',
    tests: [
      'who speaks garbage or says it is somebody is closed with one line, and the rest goes on',
      'who comes as a server that is here already takes its place for a moment, and no more',
      'hundreds who say nothing keep nobody out',
      'an ack of what was never proposed counts for nothing',
      'who promises before it was asked to is sent away',
      'an epoch below the one it promised is refused',
      'what names nobody who may vote is not counted, whoever says it',
      'is closed when there are too many of them, the oldest first',
      'whatever is done to a stream, decoding it throws nothing but WireError',
    ],
    open: 'a stranger who says it is an observer that is listed gets the tree, until servers authenticate',
  },
  {
    name: 'digest authentication',
    what: 'passwords on the wire, guessed, or in the log',
    tests: [
      'clients with a certificate are served over TLS, and are who it says they are',
      'the super user’s password adds super as well, and no other does',
      'no answer of a port for operators, and no line of the log, has a secret',
    ],
    open: 'a digest is taken over a connection without TLS, as by Apache’s, and guesses are not counted by address',
  },
  {
    name: 'the scheme ip',
    what: 'prefixes read generously',
    tests: [
      'an ACL names an IPv4 or IPv6 address or prefix, and nothing else',
      'an address matches the prefixes it lies in, bit by bit',
    ],
  },
  {
    name: 'gaps of ACLs',
    what: 'an operation that asks for no permission, or for another node’s',
    tests: [
      'permissions are asked of the node that the table names',
      'permissions need a matching id of the entry’s scheme, and super needs nothing',
      'whatever three clients ask, ours answers as Apache does',
    ],
  },
  {
    name: 'setWatches as an oracle',
    what: 'a watch is put back on a node that its owner may not read',
    tests: ['a watch that is put back on a node one may not read tells nothing of it'],
  },
  {
    name: 'paths',
    what: 'a path that escapes, or that another server reads otherwise',
    tests: [
      'the refused characters are exactly those of the table, by UTF-16 unit',
      'a path is valid just when each of its components is',
      'whatever three clients ask, ours answers as Apache does',
      'logs among snapshots, or snapshots among logs, are refused',
    ],
  },
  {
    name: 'the log',
    what: 'a client forges lines or colours the operator’s terminal',
    tests: [
      'no client can forge or colour a line',
      'no client writes a line, a field or a colour of its own into a log',
      'a long message is cut and says how long it was',
      'values that would forge a line of the log are escaped',
    ],
  },
  {
    name: 'parts of objects as names',
    what: '__proto__ and constructor where an object is a dictionary',
    tests: [
      'znodes may be called as parts of objects are, in the tree, in quotas and on pages',
      'unknown keys are kept, and a likely typo of a known one is pointed out',
    ],
  },
  {
    name: 'clocks',
    what: 'a clock that jumps ends sessions or nodes',
    tests: [
      'a jump of the wall clock ends no session',
      'a session lives as long as it is touched, and expires once',
      'a TTL node goes when nothing has changed it for its time',
    ],
    open: 'a TTL goes by the wall clock of who leads, as at Apache’s: a jump ahead ends those nodes early',
  },
  {
    name: 'one thread for all',
    what: 'one request keeps everybody waiting',
    tests: [
      'who asks for much waits for who asks for little, and gets all of it in the end',
      'several that ask for much get a share each, one after the other',
      'a reply has a length at most: what would be longer is refused before it is made',
      'a snapshot is asked for in slices, and reads back as it was',
    ],
  },
];
