import t from 'tap';
import type { Zxid } from '../base/zxid.ts';
import { ErrorCode } from '../wire/error-code.ts';
import type { ReconfigRequest } from '../wire/records/reconfig.ts';
import { parseConfigText } from './config-text.ts';
import { Configurations } from './configurations.ts';
import type { Membership } from './membership.ts';
import { planReconfig } from './plan-reconfig.ts';
import { id } from './testing/test-membership.ts';

const ZXID = 0x1_0000_0007 as Zxid;
const THREE = parseConfigText(
  [1, 2, 3].map((n) => `server.${n}=zoo${n}:2888:3888:participant;0.0.0.0:2181`).join('\n') +
    '\nversion=100000000',
);
const GROUPED = parseConfigText(
  `${THREE.text.replace(/version=.*$/, '')}group.1=1:2:3\nweight.1=2\nversion=100000000`,
);

interface Context {
  readonly committed?: Membership;
  readonly lastSeen?: Membership;
  readonly votersMin?: number;
  readonly isQuorumSynced?: boolean;
}

function plan(request: Partial<ReconfigRequest>, context: Context = {}): string | number {
  const { committed = THREE, lastSeen = null, votersMin = 2, isQuorumSynced = true } = context;
  const none = { joiningServers: null, leavingServers: null, newMembers: null, curConfigId: -1 };
  const planned = planReconfig(
    { ...none, ...request },
    {
      configurations: new Configurations({ self: id(1), committed, lastSeen, files: null }),
      zxid: ZXID,
      votersMin,
      isQuorumSynced: () => isQuorumSynced,
    },
  );
  return 'err' in planned ? planned.err : planned.text;
}

function lines(...servers: readonly string[]): string {
  return [...servers, 'version=100000007'].join('\n');
}

const LINE = (n: number, role = 'participant') => `server.${n}=zoo${n}:2888:3888:${role};0.0.0.0:2181`;

await t.test('who leaves is gone, who joins is there, and the version is the txn’s', async (t) => {
  t.equal(plan({ leavingServers: '2' }), lines(LINE(1), LINE(3)));
  t.equal(
    plan({ joiningServers: 'server.4=zoo4:2888:3888;2181' }),
    lines(LINE(1), LINE(2), LINE(3), LINE(4)),
  );
  t.equal(
    plan({ joiningServers: ` server.2 = zoo2:2888:3888:observer;2181 , ${LINE(4)}`, leavingServers: ' 3, ' }),
    lines(LINE(1), LINE(2, 'observer'), LINE(4)),
  );
  t.equal(
    plan({ leavingServers: '3', joiningServers: LINE(3, 'observer') })
      .toString()
      .includes('3:observer'),
    false,
  );
  t.match(
    plan({ leavingServers: '3', joiningServers: LINE(3, 'observer') }),
    /server\.3=.*:observer/,
    'first out',
  );
  t.equal(
    plan({ leavingServers: '9,300' }),
    lines(LINE(1), LINE(2), LINE(3)),
    'who is not there cannot leave',
  );
});

await t.test('a whole list takes the place of the other, with groups where it has some', async (t) => {
  t.equal(plan({ newMembers: `${LINE(1)},${LINE(4)}` }), lines(LINE(1), LINE(4)));
  t.equal(plan({ newMembers: `${LINE(1)}\n${LINE(4)}\nversion=77` }), lines(LINE(1), LINE(4)));
  t.match(
    plan({ newMembers: `${LINE(1)}\n${LINE(4)}\ngroup.1=1:4\nweight.4=3` }),
    /\ngroup\.1=1:4\nweight\.1=1\nweight\.4=3\n/,
  );
  t.equal(plan({ newMembers: `${LINE(1)},${LINE(4)}` }, { committed: GROUPED }), lines(LINE(1), LINE(4)));
});

await t.test('what cannot be is refused by what is found first', async (t) => {
  const { reconfigInProgress, badVersion, badArguments, newConfigNoQuorum, marshallingError } = ErrorCode;
  const nonsense = { newMembers: 'server.1=nonsense', curConfigId: 7 };
  const lastSeen = parseConfigText(THREE.text.replace(/version=.*$/, 'version=100000001'));
  t.equal(plan(nonsense, { lastSeen }), reconfigInProgress);
  t.equal(plan(nonsense), badVersion);
  t.equal(plan({ ...nonsense, curConfigId: 0x1_0000_0000 }), badArguments);
  for (const [request, code] of [
    [{ joiningServers: 'server.4' }, badArguments],
    [{ joiningServers: 'server.4=zoo4:2888:3888' }, badArguments],
    [{ joiningServers: 'server.4=zoo4:2888;2181' }, badArguments],
    [{ joiningServers: 'server.4=zoo4:2888:3888;2181=' }, badArguments],
    [{ joiningServers: 'server.4=zoo1:2888:3888;2181' }, badArguments],
    [{ joiningServers: 'server.x=zoo4:2888:3888;2181' }, marshallingError],
    [{ leavingServers: '1,x' }, marshallingError],
    [{ leavingServers: '1,2' }, badArguments],
    [{ leavingServers: '1,2,3' }, badArguments],
    [{ newMembers: '' }, badArguments],
    [{ newMembers: 'tickTime=2000' }, badArguments],
    [{ newMembers: LINE(1) }, badArguments],
  ] as const) {
    t.equal(plan(request), code, JSON.stringify(request));
    t.equal(plan(request, { isQuorumSynced: false }), code, 'before anybody is asked whether he follows');
  }
  t.equal(plan({ leavingServers: '1' }, { isQuorumSynced: false }), newConfigNoQuorum);
  t.equal(plan({ leavingServers: '1,2' }, { votersMin: 1 }), lines(LINE(3)), 'where one may be an ensemble');
  t.equal(
    plan({ leavingServers: '1' }, { committed: GROUPED }),
    badArguments,
    'groups would have to be told',
  );
});

await t.test('a number that only this server refuses is refused last', async (t) => {
  const planned = planReconfig(
    { joiningServers: 'server.999=a:1:2;3', leavingServers: null, newMembers: null, curConfigId: -1 },
    {
      configurations: new Configurations({ self: id(1), committed: THREE, files: null }),
      zxid: ZXID,
      votersMin: 2,
      isQuorumSynced: () => true,
    },
  );
  t.same(planned, { err: ErrorCode.badArguments, isLate: true });
});
