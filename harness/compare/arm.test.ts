import t from 'tap';
import { armOf, parseArm } from './arm.ts';

await t.test('words say whose servers, how many, what is done to them, and lines of zoo.cfg', async (t) => {
  t.match(parseArm('apache@3.9.5 servers=5 fault=kill-leader rate=200 keys.count=10 tickTime=500'), {
    name: 'apache@3.9.5 servers=5 fault=kill-leader rate=200 keys.count=10 tickTime=500',
    kind: 'apache@3.9.5',
    servers: '5',
    fault: 'kill-leader',
    with: { rate: '200', 'keys.count': '10' },
    set: { tickTime: '500' },
  });
  t.match(parseArm('  rev:HEAD~1   '), { name: 'rev:HEAD~1', kind: 'rev:HEAD~1', with: {}, set: {} });
  t.match(parseArm('target=h:2181,i:2181'), { target: 'h:2181,i:2181' });
  t.match(parseArm('server.4=h:1:2:observer;3'), { set: { 'server.4': 'h:1:2:observer;3' } });
});

await t.test('a file says the same', async (t) => {
  t.match(armOf({ name: 'quick', kind: 'ours', servers: 5, set: { tickTime: 500 } }, 'a.yaml'), {
    name: 'quick',
    kind: 'ours',
    servers: '5',
    with: {},
    set: { tickTime: '500' },
  });
  t.equal(armOf({}, 'b.yaml').name, 'b.yaml');
});

await t.test('what cannot be is refused, with what would be right', async (t) => {
  for (const [words, message] of Object.entries({
    etcd: /"etcd" is none of ours, apache/,
    '': /"" is none of ours/,
    'ours apache': /ours and apache; give one/,
    'ours target=h:1': /ours is started for the comparison, target=h:1 is there/,
    'ours servers=ours,apache': /servers=ours,apache names kinds, and so does ours/,
    '=5': /"=5" is none of/,
  }))
    t.throws(() => parseArm(words), { name: 'ArmError', message }, words);
  t.throws(() => armOf({ tickTime: 500 }, 'a.yaml'), {
    name: 'ArmError',
    message: /^a\.yaml .*\n.*tickTime/,
  });
  t.throws(() => armOf(null, 'a.yaml'), { name: 'ArmError', message: /^a\.yaml is no arm/ });
});
