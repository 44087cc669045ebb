import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { WorkloadError } from '../harness/load/workload.ts';
import { WORKLOADS, findWorkload } from './index.ts';

function complaintOf(name: string): string {
  try {
    findWorkload(name);
  } catch (error) {
    if (error instanceof WorkloadError) return error.message;
    throw error;
  }
  return 'accepted';
}

await t.test('every workload is found by its name and says what it is', async (t) => {
  t.same([...WORKLOADS.keys()], ['write-heavy', 'read-heavy', 'mixed', 'create-delete']);
  for (const [name, workload] of WORKLOADS) {
    t.equal(findWorkload(name), workload);
    t.ok(workload.doc.length > 20);
  }
});

await t.test('an unknown name is answered with the known ones', async (t) => {
  t.match(
    complaintOf('write-havy'),
    /no workload "write-havy"\. Choose one of write-heavy, read-heavy, mixed/,
  );
});

await t.test('a workload is read from YAML and named after its file', async (t) => {
  const dir = t.testdir({
    'hot-keys.yaml': [
      'mix: { read: 3, write: 1 }',
      'keys:',
      '  count: 50',
      '  distribution: { type: zipfian, theta: 1.1 }',
      'valueSize: { min: 100, max: 200 }',
      'connections: 4',
      'rate: 1000',
      'arrivals: constant',
      'durationS: 5',
      'warmupS: 1',
    ].join('\n'),
  });
  const workload = findWorkload(join(dir, 'hot-keys.yaml'));
  t.equal(workload.name, 'hot-keys');
  t.equal(workload.rate, 1000);
  t.same(workload.keys.distribution, { type: 'zipfian', theta: 1.1 });
});

await t.test('a bad file is refused with its name and a reason', async (t) => {
  const dir = t.testdir({});
  const write = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  t.match(
    complaintOf(join(dir, 'none.yaml')),
    /Cannot read the workload file .*none\.yaml: .*Check the path/,
  );
  t.match(complaintOf(write('broken.yaml', 'mix: {read: 1')), /broken\.yaml:1:14 is not YAML: /);
  t.match(complaintOf(write('list.yaml', '- read')), /list\.yaml is not a workload: write its fields as/);
  t.match(
    complaintOf(write('typo.yaml', 'mx: {}')),
    /typo\.yaml is not a workload:\n(.*\n)*.*unknown mx; known here/,
  );
});
