import * as fc from 'fast-check';
import t from 'tap';
import type { ServerId } from '../base/server-id.ts';
import { WireError } from '../wire/wire-error.ts';
import { CONFIG_TEXT_LENGTH_MAX, parseConfigText } from './config-text.ts';
import { MembershipError } from './membership-error.ts';
import { isMembershipKey, readMembership } from './membership-lines.ts';
import { createMembership, type Member } from './membership.ts';

function read(text: string, version = 0) {
  const lines = text.split('\n').map((line) => {
    const [key = '', ...value] = line.split('=');
    return { key, value: value.join('=') };
  });
  return readMembership(lines, version);
}

function faultOf(text: string): MembershipError {
  try {
    read(text);
  } catch (error) {
    if (error instanceof MembershipError) return error;
    throw error;
  }
  throw new Error('accepted');
}

const parsing = (text: string) => () => parseConfigText(text);

/** What three ensembles of Apache 3.8.0 were told, and what /zookeeper/config said on each of their servers. */
const RECORDED = [
  {
    lines: [
      'server.1=localhost:28801:38801;21811',
      'server.2=127.0.0.1:28802:38802:PARTICIPANT;127.0.0.1:21812',
      'server.3=127.0.0.1:28803:38803:observer;LOCALHOST:21813',
    ],
    text: [
      'server.1=localhost:28801:38801:participant;0.0.0.0:21811',
      'server.2=127.0.0.1:28802:38802:participant;127.0.0.1:21812',
      'server.3=127.0.0.1:28803:38803:observer;LOCALHOST:21813',
      'version=0',
    ],
  },
  {
    lines: [
      'server.1=[::1]:28801:38801;21811',
      'server.2=[0:0::1]:28802:38802:PARTICIPANT;[::]:21812',
      'server.3=[::ffff:127.0.0.1]:28803:38803;0.0.0.0:21813',
    ],
    text: [
      'server.1=[0:0:0:0:0:0:0:1]:28801:38801:participant;0.0.0.0:21811',
      'server.2=[0:0:0:0:0:0:0:1]:28802:38802:participant;[0:0:0:0:0:0:0:0]:21812',
      'server.3=127.0.0.1:28803:38803:participant;0.0.0.0:21813',
      'version=0',
    ],
  },
  {
    lines: [
      'server.17=127.0.0.1:28817:38817',
      'server.1=127.0.0.1:28801:38801',
      'server.16=127.0.0.1:28816:38816',
      'server.4=127.0.0.1:28804:38804:observer',
      'group.20=17:1',
      'group.3=16',
      'weight.16=3',
      'weight.4=7',
    ],
    text: [
      'server.16=127.0.0.1:28816:38816:participant',
      'server.17=127.0.0.1:28817:38817:participant',
      'server.1=127.0.0.1:28801:38801:participant',
      'server.4=127.0.0.1:28804:38804:observer',
      'group.3=16',
      'group.20=17:1',
      'weight.16=3',
      'weight.17=1',
      'weight.1=1',
      'weight.4=7',
      'version=0',
    ],
  },
];

function participantOf(line: string): number[] {
  const id = /^server\.(\d+)=.*:participant/.exec(line)?.[1];
  return id === undefined ? [] : [Number(id)];
}

await t.test('the config text is Apache’s, byte for byte, and reads back as the same', async (t) => {
  for (const { lines, text } of RECORDED) {
    const membership = read(lines.join('\n'));
    t.equal(membership.text, text.join('\n'));
    const again = parseConfigText(membership.text);
    t.equal(again.text, membership.text);
    t.same(again.verifier.voters, new Set(text.flatMap(participantOf)));
  }
});

await t.test('a line says who a member is and where', async (t) => {
  const { members, verifier, version } = read(
    'server.3=[::1]:2888:3888: Observer;zoo3:2181\nserver.+01=zoo1:2888:3888',
    0x100000001,
  );
  t.same(members.get(3 as ServerId), {
    id: 3,
    role: 'observer',
    quorum: { host: '::1', port: 2888 },
    election: { host: '::1', port: 3888 },
    client: { host: 'zoo3', port: 2181 },
  });
  t.equal(members.get(1 as ServerId)?.client, null);
  t.same([...verifier.voters], [1]);
  t.equal(version, 0x100000001);
});

await t.test('lines that are no ensemble are refused, with the line that shows it', async (t) => {
  const one = 'server.1=a:2888:3888';
  const refused: [string, Partial<MembershipError>][] = [
    ['server.x=a:1:2', { code: 'value', index: 0 }],
    ['server.255=a:1:2', { code: 'value', index: 0, message: 'the id behind "server." must be 0 to 254' }],
    ['server.-1=a:1:2', { code: 'value', index: 0 }],
    ['server.1=a:1', { code: 'value', index: 0 }],
    ['server.1=a:1:65536', { code: 'value', index: 0 }],
    ['server.1=a:1:2:leader', { code: 'value', index: 0 }],
    ['server.1=a:1:2;x', { code: 'value', index: 0 }],
    ['server.1=a:1:2;3;4', { code: 'value', index: 0 }],
    ['server.1=a:1:1', { code: 'value', message: 'the quorum port and the election port must differ' }],
    ['server.1=a:1:2|b:1:2', { code: 'unsupported', index: 0 }],
    ['clientPort=1', { code: 'value', index: 0 }],
    [`${one}\nserver.1=b:2888:3888`, { code: 'conflict', index: 1, message: 'there is a server.1 already' }],
    [`${one}\nserver.01=b:2888:3888`, { code: 'conflict', index: 1 }],
    [`${one}\nserver.2=A:2889:3888`, { code: 'conflict', index: 1, message: 'a:3888 is server.1’s already' }],
    [`${one}\nserver.2=a:3888:4888`, { code: 'conflict', index: 1 }],
    ['server.1=[::1]:1:2\nserver.2=[0::1]:2:3', { code: 'conflict', index: 1 }],
    ['server.1=a:1:2;c:5\nserver.2=b:1:2;c:5', { code: 'conflict', index: 1 }],
    ['server.1=a:1:2:observer', { code: 'missing', index: 0, message: /nobody decides/ as never }],
    [`${one}\nweight.1=1`, { code: 'missing', index: 1, message: 'server.1 is in no group' }],
    [`${one}\nserver.2=b:1:2\ngroup.1=1`, { code: 'missing', index: 2, message: 'server.2 is in no group' }],
    [`${one}\ngroup.1=1:1`, { code: 'conflict', index: 1, message: 'server.1 is in group.1 already' }],
    [`${one}\ngroup.1=1\ngroup.2=1`, { code: 'conflict', index: 2 }],
    [`${one}\ngroup.1=1:2`, { code: 'conflict', index: 1, message: 'server.2 is no participant' }],
    [`${one}\nserver.2=b:1:2:observer\ngroup.1=1:2`, { code: 'conflict', index: 2 }],
    [`${one}\ngroup.1=1\ngroup.01=1`, { code: 'conflict', index: 2, message: 'there is a group.1 already' }],
    [`${one}\ngroup.1=`, { code: 'value', index: 1 }],
    [`${one}\ngroup.1=1,2`, { code: 'value', index: 1 }],
    [`${one}\ngroup1=1`, { code: 'value', index: 1 }],
    [`${one}\ngroup.2147483648=1`, { code: 'value', index: 1 }],
    [`${one}\ngroup.1=1\nweight.1=-1`, { code: 'value', index: 2 }],
    [`${one}\ngroup.1=1\nweight.=1`, { code: 'value', index: 2 }],
    [`${one}\ngroup.1=1\nweight.1=1\nweight.1=2`, { code: 'conflict', index: 3 }],
    [`${one}\ngroup.1=1\nweight.1=0`, { code: 'conflict', index: 1 }],
  ];
  for (const [text, fault] of refused) t.match(faultOf(text), fault, text);
  t.throws(() => readMembership([], 0), { code: 'missing', index: null });
});

await t.test('what is different on each machine may be said by many servers', async (t) => {
  const lines = [1, 2, 3].map((n) => `server.${n}=zoo${n}:2888:3888;`);
  for (const client of ['2181', '127.0.0.1:2181', '[::]:2181', '[::1]:2181', 'localhost:2181']) {
    t.equal(read(lines.map((line) => line + client).join('\n')).members.size, 3, client);
  }
});

await t.test('a key that Apache would read as an ensemble’s is one', async (t) => {
  for (const key of ['server.1', 'server.x', 'group.1', 'groups', 'weight1']) t.ok(isMembershipKey(key), key);
  for (const key of ['server', 'servers.1', 'myServer.1', 'metricsProvider.group']) {
    t.notOk(isMembershipKey(key), key);
  }
});

await t.test('a config text carries its version in hex', async (t) => {
  const server = 'server.1=a:1:2:participant';
  t.equal(parseConfigText(`${server}\nversion=10000000a`).version, 0x10000000a);
  t.equal(parseConfigText(`${server}\n`).version, 0, 'none is 0');
  for (const version of ['', '-1', '0x1', '20000000000000', 'g']) {
    t.throws(() => parseConfigText(`${server}\nversion=${version}`), { code: 'value' }, version);
  }
  t.throws(() => parseConfigText(`${server}\nversion=1\nversion=2`), { code: 'value', message: /a second/ });
});

await t.test('a config text that is none is a WireError that can be logged', async (t) => {
  t.throws(parsing(''), { code: 'value', message: /no server\.N line/ });
  t.throws(parsing('server.1=a:1:2\n\u001b[31m=1'), { code: 'value', message: /\\u001b/ });
  t.throws(parsing('server.1'), { code: 'value', message: /no "="/ });
  t.throws(parsing('server.1=a:1:2\nserver.1=b:1:2'), {
    code: 'value',
    message: 'config text: server.1=b:1:2: there is a server.1 already',
  });
  t.throws(parsing('\n'.repeat(CONFIG_TEXT_LENGTH_MAX + 1)), { code: 'length' });
  const every = Array.from(
    { length: 255 },
    (_, id) => `server.${id}=${`${id}`.padStart(253, 'x')}:1:2;z${id}:3`,
  );
  t.equal(parseConfigText(every.join('\n')).members.size, 255, 'the largest that can be fits');
});

await t.test('any text is a membership or a WireError', async (t) => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .tuple(fc.constantFrom('server.1', 'server.2', 'group.1', 'weight.1', 'version'), fc.string())
      .map((pair) => pair.join('=')),
    fc.constantFrom('server.1=a:1:2', 'server.2=b:1:2:observer;3', 'group.1=1', 'weight.1=2', 'version=0'),
  );
  let accepted = 0;
  const anyText = fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
    try {
      const { text } = parseConfigText(lines.join('\n'));
      accepted++;
      return parseConfigText(text).text === text;
    } catch (error) {
      if (error instanceof WireError) return true;
      throw error;
    }
  });
  fc.assert(anyText, { numRuns: 300 });
  t.ok(accepted > 0 && accepted < 300, `${accepted} of 300 accepted`);
});

await t.test('any membership is what its text says', async () => {
  const host = fc.constantFrom('zoo', '10.0.0.', '2001:db8::');
  const spec = fc.record({
    host,
    isObserver: fc.boolean(),
    hasClient: fc.boolean(),
    weight: fc.nat({ max: 3 }),
  });
  const idsAndSpecs = fc.uniqueArray(fc.tuple(fc.nat({ max: 254 }), spec), {
    selector: ([id]) => id,
    minLength: 1,
    maxLength: 40,
  });
  fc.assert(
    fc.property(idsAndSpecs, fc.boolean(), fc.nat(), (servers, isHierarchical, version) => {
      const members = servers.map(([id, { host, isObserver, hasClient }], i): Member => ({
        id: id as ServerId,
        quorum: { host: host + id, port: 2888 },
        election: { host: host + id, port: 3888 },
        role: isObserver && i > 0 ? 'observer' : 'participant',
        client: hasClient ? { host: '0.0.0.0', port: 2181 } : null,
      }));
      const voters = members.filter(({ role }) => role === 'participant').map(({ id }) => id);
      const groups = new Map([0, 1, 2].map((group) => [group, voters.filter((id) => id % 3 === group)]));
      const weights = new Map(servers.map(([id, { weight }], i) => [id as ServerId, i === 0 ? 1 : weight]));
      const hierarchy = isHierarchical ? { groups, weights } : null;
      const membership = createMembership({ members, hierarchy, version });
      const again = parseConfigText(membership.text);
      return again.text === membership.text && again.members.size === members.length;
    }),
  );
});
