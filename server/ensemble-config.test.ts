import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import t from 'tap';
import { ConfigError } from './config-error.ts';
import { parseServerConfig } from './config.ts';

const BASE = 'dataDir=/d\nclientPort=2181\ntickTime=1000\ninitLimit=10\nsyncLimit=5\n';
const THREE = 'server.1=zoo1:2888:3888\nserver.2=zoo2:2888:3888\nserver.3=zoo3:2888:3888\n';
/** Where the first line after BASE stands. */
const FIRST = 6;

type Files = Readonly<Record<string, string>>;

function parse(text: string, files: Files = { '/d/myid': '2\n' }) {
  return parseServerConfig(text, {
    file: 'zoo.cfg',
    cwd: '/srv',
    readFile(path) {
      const content = files[path];
      if (content !== undefined) return content;
      throw Object.assign(new Error(path), { code: path.includes('locked') ? 'EACCES' : 'ENOENT' });
    },
  });
}

function ensembleOf(text: string, files?: Files) {
  const { ensemble } = parse(text, files);
  if (ensemble === null) throw new Error('no ensemble');
  return ensemble;
}

function errorOf(text: string, files?: Files): ConfigError {
  try {
    parse(text, files);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('accepted');
}

await t.test(
  'several server lines and myid make an ensemble, and everything else has its default',
  async (t) => {
    const config = parse(BASE + THREE);
    t.same(config.warnings, []);
    t.same(config.notImplemented, []);
    t.match(config, { clientPort: 2181, clientPortAddress: '0.0.0.0' });
    t.match(config.ensemble, {
      myId: 2,
      self: { id: 2, role: 'participant', quorum: { host: 'zoo2', port: 2888 }, client: null },
      initLimitMs: 10_000,
      syncLimitMs: 5000,
      connectToLearnerMasterLimitMs: 10_000,
      leaderConnectDelayDuringRetryMs: 100,
      cnxTimeoutMs: 5000,
      quorumCnxnTimeoutMs: 5000,
      electionPortBindRetry: 3,
      quorumListenOnAllIPs: false,
      minNotificationIntervalMs: 200,
      maxNotificationIntervalMs: 5000,
      leaderServes: true,
      syncEnabled: true,
      commitLogCount: 500,
      snapshotSizeFactor: 0.33,
      maxConcurrentSnapSyncs: 10,
      maxConcurrentDiffSyncs: 100,
    });
    t.same([...(config.ensemble?.membership.verifier.voters ?? [])], [1, 2, 3]);
    t.ok(Object.isFrozen(config.ensemble));
  },
);

await t.test('the zoo.cfg of the README is an ensemble of three', async (t) => {
  const [, text = ''] = /```properties\n([^`]*)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
  const config = parse(text, { '/srv/data/myid': '1\n' });
  t.equal(config.ensemble?.membership.verifier.voters.size, 3);
  t.match(config, { warnings: [], notImplemented: [] });
});

await t.test('what the keys say arrives, in milliseconds', async (t) => {
  const lines = [
    'connectToLearnerMasterLimit=3',
    'leaderConnectDelayDuringRetryMs=7',
    'cnxTimeout=1',
    'quorumCnxnTimeoutMs=2',
    'electionPortBindRetry=0',
    'quorumListenOnAllIPs=true',
    'fastleader.minNotificationInterval=50',
    'fastleader.maxNotificationInterval=51',
    'leaderServes=no',
    'syncEnabled=false',
    'commitLogCount=501',
    'snapshotSizeFactor=-1',
    'leader.maxConcurrentSnapSyncs=4',
    'leader.maxConcurrentDiffSyncs=5',
    'peerType=PARTICIPANT',
  ];
  const config = parse(BASE + THREE + lines.join('\n'));
  t.match(config, { warnings: [], notImplemented: [] });
  t.match(config.ensemble, {
    connectToLearnerMasterLimitMs: 3000,
    leaderConnectDelayDuringRetryMs: 7,
    cnxTimeoutMs: 1,
    quorumCnxnTimeoutMs: 2,
    electionPortBindRetry: 0,
    quorumListenOnAllIPs: true,
    minNotificationIntervalMs: 50,
    maxNotificationIntervalMs: 51,
    leaderServes: false,
    syncEnabled: false,
    commitLogCount: 501,
    snapshotSizeFactor: -1,
    maxConcurrentSnapSyncs: 4,
    maxConcurrentDiffSyncs: 5,
  });
  t.equal(ensembleOf(`${BASE}${THREE}syncEnabled=false\nobserver.syncEnabled=true`).syncEnabled, true);
});

await t.test('groups and weights decide where there are some', async (t) => {
  const { verifier, text } = ensembleOf(`${BASE}${THREE}group.1=1:2\ngroup.2=3\nweight.1=0`).membership;
  t.equal(verifier.weightOf(1 as never), 0);
  t.ok(verifier.containsQuorum(new Set([2, 3] as never[])));
  t.notOk(verifier.containsQuorum(new Set([1, 3] as never[])));
  t.match(text, /group\.1=1:2\ngroup\.2=3\nweight\.1=0\nweight\.2=1\nweight\.3=1\nversion=0$/);
});

await t.test(
  'one participant is a server that runs alone, unless it is told to be an ensemble',
  async (t) => {
    const one = 'server.2=zoo2:2888:3888;2182\n';
    t.equal(parse(`dataDir=/d\n${one}`, {}).ensemble, null);
    t.equal(parse(BASE, {}).ensemble, null);
    const config = parse(`${BASE}standaloneEnabled=false\n${one}`.replace('clientPort=2181\n', ''));
    t.equal(config.ensemble?.membership.members.size, 1);
    t.same(config.warnings, ['zoo.cfg: 1 participant: no server may fail, which takes at least 3']);
    t.match(errorOf(`${BASE}standaloneEnabled=false`), {
      code: 'MISSING',
      problem: { line: FIRST, key: 'standaloneEnabled' },
    });
    const observed = `${BASE}${one}server.3=zoo3:2888:3888:observer\n`.replace(';2182', '');
    t.match(errorOf(observed), { code: 'CONFLICT', problem: { line: FIRST + 1, key: 'server.3' } });
    t.equal(ensembleOf(`${observed}standaloneEnabled=false`).membership.members.size, 2);
  },
);

await t.test(
  'a number of servers that survives no more failures than a smaller one is pointed out',
  async (t) => {
    const lines = THREE.split('\n');
    t.same(parse(BASE + lines.slice(0, 2).join('\n')).warnings, [
      'zoo.cfg: 2 participants: no server may fail, which takes at least 3',
    ]);
    t.same(parse(`${BASE}${THREE}server.4=zoo4:1:2`).warnings, [
      'zoo.cfg: 4 participants: no more of them may fail than of 3',
    ]);
    t.same(parse(`${BASE}${THREE}server.4=zoo4:1:2:observer`).warnings, [], 'observers do not decide');
  },
);

await t.test('myid says which of the servers this is', async (t) => {
  for (const text of ['3', '3\n', '3\r\n', '03\nleft over', '+3', ' 3 ']) {
    t.equal(ensembleOf(BASE + THREE, { '/d/myid': text }).myId, 3, JSON.stringify(text));
  }
  const zero = `${THREE}server.0=zoo0:2888:3888\n`;
  t.equal(ensembleOf(BASE + zero, { '/d/myid': '0' }).myId, 0, 'Apache starts with it, too');
  t.equal(
    ensembleOf((BASE + THREE).replace('/d', 'data'), { '/srv/data/myid': '1' }).myId,
    1,
    'dataDir may be relative',
  );
});

await t.test('a myid that says nothing is refused with what to write into it', async (t) => {
  const refused: [Files, string][] = [
    [
      {},
      '/d/myid: does not exist, and says which server of the ensemble this is; ' +
        'write the N of this server’s server.N line into it: echo 1 > /d/myid',
    ],
    [
      { '/d/myid': '' },
      '/d/myid:1: myid=: is not a number; write the N of this server’s server.N line into it: echo 1 > /d/myid',
    ],
    [
      { '/d/myid': 'zoo2\n' },
      '/d/myid:1: myid=zoo2: is not a number; ' +
        'write the N of this server’s server.N line into it: echo 1 > /d/myid',
    ],
    [
      { '/d/myid': '256\n' },
      '/d/myid:1: myid=256: must be from 0 to 254; ' +
        'write the N of this server’s server.N line into it: echo 1 > /d/myid',
    ],
    [
      { '/d/myid': '4' },
      '/d/myid:1: myid=4: zoo.cfg lists server.1, server.2, server.3, and no server.4; ' +
        'correct the number, or add the line on every server',
    ],
  ];
  for (const [files, message] of refused) t.equal(errorOf(BASE + THREE, files).message, message);
  t.match(errorOf(BASE + THREE, { '/d/myid': '-1' }).message, /must be from 0 to 254/);
  t.match(errorOf((BASE + THREE).replace('/d', '/locked'), {}), {
    code: 'UNREADABLE',
    message: '/locked/myid: cannot be read (EACCES); give the server’s user the right to read it',
  });
});

await t.test('the limits of an ensemble must be set, and fit', async (t) => {
  for (const key of ['initLimit', 'syncLimit']) {
    const error = errorOf((BASE + THREE).replace(new RegExp(`${key}=.*\n`), ''));
    t.equal(error.code, 'MISSING');
    t.match(
      error.message,
      new RegExp(`^zoo.cfg: ${key} is not set, .*; add ${key}=\\d+, in ticks of 1000 ms`),
    );
  }
  t.match(errorOf(`${BASE}${THREE}initLimit=2147484`), {
    code: 'BAD_VALUE',
    message: /initLimit=2147484: must be at most 2147483 ticks of 1000 ms/,
    problem: { line: FIRST + 3 },
  });
  t.match(errorOf(`${BASE}${THREE}fastleader.minNotificationInterval=60001`), { code: 'CONFLICT' });
  t.match(parse(`${BASE}${THREE}commitLogCount=10`), {
    ensemble: { commitLogCount: 500 },
    warnings: [`zoo.cfg:${FIRST + 3}: commitLogCount: 10 is less than 500, which is used instead`],
  });
});

await t.test(
  'lines that are no ensemble are refused with file, line, what is wrong and what to do',
  async (t) => {
    const refused: [string, string][] = [
      [
        `${THREE}server.2=zoo4:2888:3888`,
        `zoo.cfg:${FIRST + 3}: server.2=zoo4:2888:3888: there is a server.2 already; ` +
          'give every server a number of its own, or remove one of the lines',
      ],
      [
        `${THREE}server.4=zoo3:3888:2888`,
        `zoo.cfg:${FIRST + 3}: server.4=zoo3:3888:2888: zoo3:3888 is server.3’s already; ` +
          'give every server a host of its own, or ports of its own',
      ],
      [
        `server.2=zoo2:2888:2888\n${THREE}`,
        `zoo.cfg:${FIRST}: server.2=zoo2:2888:2888: the quorum port and the election port must differ; ` +
          'for example server.1=zoo1:2888:3888;2181',
      ],
      [
        'server.2=zoo2:2888:3888|10.0.0.2:2888:3888\nmultiAddress.enabled=true',
        `zoo.cfg:${FIRST}: server.2=zoo2:2888:3888|10.0.0.2:2888:3888: ` +
          'several addresses for one server ("|") are not supported yet; for example server.1=zoo1:2888:3888;2181',
      ],
      [
        'server.2=zoo2:2888:3888:observer',
        `zoo.cfg:${FIRST}: server.2=zoo2:2888:3888:observer: observers without a participant: nobody decides; ` +
          'list every participant as server.N=host:quorumPort:electionPort',
      ],
      [
        `${THREE}group.1=1:2`,
        `zoo.cfg:${FIRST + 3}: group.1=1:2: server.3 is in no group; put every participant into one group.G`,
      ],
    ];
    for (const [lines, message] of refused) t.equal(errorOf(BASE + lines).message, message);
    t.equal(errorOf(`${BASE}server.2=a:1:2|b:1:2`).code, 'UNSUPPORTED');
  },
);

await t.test('members are listed in zoo.cfg only, not by -D', async (t) => {
  const properties = new Map([['zookeeper.server.1', 'zoo1:2888:3888']]);
  const config = parseServerConfig(BASE, { file: 'zoo.cfg', cwd: '/', properties });
  t.match(config, { ensemble: null, warnings: [/server\.1 can only be set in zoo.cfg/] });
});

await t.test('peerType does not count against the line, and says so', async (t) => {
  t.same(parse(`${BASE}${THREE}peerType=observer`).warnings, [
    `zoo.cfg:${FIRST + 3}: peerType: has no effect: the line server.2 says participant`,
  ]);
  const observer = `${BASE}${THREE}server.4=zoo4:2888:3888:observer\n`;
  const me = { '/d/myid': '4' };
  t.match(parse(`${observer}peerType=participant`, me).warnings, [/the line server\.4 says observer/]);
  t.match(parse(`${observer}peerType=observer`, me), {
    ensemble: { self: { role: 'observer' } },
    warnings: [],
  });
  t.match(parse(observer, me).warnings, [], 'and is not needed');
  t.match(parse(`${BASE}peerType=observer`).warnings, [/has no effect on a single server/]);
});

await t.test('the line may say where clients are served, and nothing else then', async (t) => {
  const three = (client: string): string => THREE.replace('zoo2:2888:3888', `zoo2:2888:3888;${client}`);
  const withoutPort = BASE.replace('clientPort=2181\n', '');
  t.match(parse(withoutPort + three('2182')), { clientPort: 2182, clientPortAddress: '0.0.0.0' });
  t.match(parse(withoutPort + three('[::1]:2182')), { clientPort: 2182, clientPortAddress: '::1' });
  t.match(
    parse(BASE + three('127.0.0.1:2181')),
    { clientPortAddress: '127.0.0.1' },
    'the line is more precise',
  );
  t.match(parse(`${BASE}clientPortAddress=::1\n${three('[0::1]:2181')}`), { clientPortAddress: '0::1' });
  t.match(errorOf(BASE + three('2182')), {
    code: 'CONFLICT',
    message: /clients are told 0\.0\.0\.0:2182 here and 0\.0\.0\.0:2181 by clientPort; remove clientPort/,
    problem: { line: FIRST + 1, key: 'server.2' },
  });
  t.match(errorOf(`${BASE}clientPortAddress=127.0.0.1\n${three('0.0.0.0:2181')}`), { code: 'CONFLICT' });
  t.match(errorOf(withoutPort + THREE), { code: 'MISSING', message: /clientPort is not set/ });
});

await t.test('clients need a port that peers do not have', async (t) => {
  for (const [port, key] of [
    ['2888', 'quorum'],
    ['3888', 'election'],
  ]) {
    t.match(errorOf((BASE + THREE).replace('2181', `${port}`)), {
      code: 'CONFLICT',
      message: new RegExp(`port ${port}, which is the ${key} port`),
      problem: { key: 'server.2' },
    });
  }
  const apart = `${BASE}${THREE}clientPortAddress=127.0.0.1\n`.replace('2181', '2888');
  t.equal(ensembleOf(apart).myId, 2, 'on another address it is another port');
  t.match(errorOf(`${apart}quorumListenOnAllIPs=true`), { code: 'CONFLICT' });
});

await t.test('the dynamic file lists the members, and its name has their version', async (t) => {
  const me = { '/d/myid': '2' };
  const text = `${BASE}dynamicConfigFile=conf/zoo.cfg.dynamic.10000000a\n`;
  const dynamic = '/srv/conf/zoo.cfg.dynamic.10000000a';
  const ensemble = ensembleOf(text, { ...me, [dynamic]: `# Apache wrote this\n${THREE}` });
  t.equal(ensemble.membership.version, 0x10000000a);
  t.match(ensemble.membership.text, /\nversion=10000000a$/);
  for (const name of ['/c/zoo.cfg.dynamic', '/c.d/members']) {
    const { membership } = ensembleOf(`${BASE}dynamicConfigFile=${name}`, { ...me, [name]: THREE });
    t.equal(membership.version, 0, name);
  }

  const refused: [string, Files, Partial<ConfigError['problem']>][] = [
    [text, me, { code: 'UNREADABLE', file: 'zoo.cfg', line: FIRST, key: 'dynamicConfigFile' }],
    [text + THREE, { ...me, [dynamic]: THREE }, { code: 'CONFLICT', line: FIRST + 1, key: 'server.1' }],
    [text, { ...me, [dynamic]: '' }, { code: 'MISSING', file: dynamic, line: null }],
    [text, { ...me, [dynamic]: `${THREE}clientPort=1` }, { code: 'BAD_VALUE', file: dynamic, line: 4 }],
    [text, { ...me, [dynamic]: `${THREE}version=1` }, { code: 'BAD_VALUE', file: dynamic, key: 'version' }],
    [text, { ...me, [dynamic]: `${THREE}server.1=a:1:2` }, { code: 'CONFLICT', file: dynamic, line: 4 }],
    [
      `${BASE}dynamicConfigFile=/zoo.123456789abcdef`,
      { ...me, '/zoo.123456789abcdef': THREE },
      { code: 'BAD_VALUE', key: 'dynamicConfigFile' },
    ],
    [
      text,
      { ...me, [dynamic]: THREE, '/srv/zoo.cfg.dynamic.next': '' },
      { code: 'CONFLICT', file: '/srv/zoo.cfg.dynamic.next' },
    ],
  ];
  for (const [lines, files, problem] of refused) t.match(errorOf(lines, files).problem, problem);
});

await t.test('what would let strangers among the servers is refused, where there are several', async (t) => {
  for (const key of ['ssl.quorum.crl', 'ssl.quorum.ocsp']) {
    t.match(
      errorOf(`${BASE}${THREE}${key}=true`),
      { code: 'UNSUPPORTED', message: /would let in whom it keeps out/ },
      key,
    );
    t.equal(parse(`${BASE}${key}=true`).ensemble, null, key);
  }
});

await t.test('what has no effect among several servers yet is named there only', async (t) => {
  const lines = 'localSessionsEnabled=true\nobserverMasterPort=2889\nlearner.asyncSending=true\n';
  t.same(parse(BASE + lines).notImplemented, []);
  t.same(parse(BASE + lines + THREE).notImplemented, ['localSessionsEnabled', 'observerMasterPort']);
});

await t.test('any lines are an ensemble, a single server or a ConfigError', async (t) => {
  const line = fc.oneof(
    fc.constantFrom(...THREE.trim().split('\n')),
    fc
      .tuple(fc.constantFrom('server.4', 'server.', 'group.1', 'weight.2'), fc.string({ unit: 'binary' }))
      .map((pair) => pair.join('=')),
    fc.constantFrom('standaloneEnabled=false', 'dynamicConfigFile=/x', 'group.1=1:2:3', 'peerType=observer'),
  );
  let accepted = 0;
  const anyLines = fc.property(fc.array(line, { maxLength: 6 }), fc.string(), (lines, myid) => {
    try {
      parse(BASE + lines.join('\n'), { '/d/myid': `2\n${myid}`, '/x': lines.join('\n') });
      accepted++;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
    }
  });
  fc.assert(anyLines, { numRuns: 500 });
  t.ok(accepted > 0 && accepted < 500, `${accepted} of 500 accepted`);
});
