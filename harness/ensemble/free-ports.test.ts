import { spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import t from 'tap';
import { freePorts } from './free-ports.ts';

await t.test('many ports, each of them once, at which one can listen', async (t) => {
  const ports = [...(await freePorts(100)), ...(await freePorts(100))];
  t.equal(new Set(ports).size, 200);
  await Promise.all(
    ports.map(
      (port) =>
        new Promise<void>((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(port, '127.0.0.1', () => server.close(() => resolve()));
        }),
    ),
  );
});

await t.test('another process is given others, also where it begins at the same place', async (t) => {
  const mine = new Set(await freePorts(5));
  const program = `
    Object.defineProperty(process, 'pid', { value: ${process.pid} });
    const { freePorts } = await import(${JSON.stringify(new URL('./free-ports.js', import.meta.url).href)});
    console.log(JSON.stringify(await freePorts(300)));`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  t.equal(status, 0, 'and what it holds does not keep it alive');
  const theirs = JSON.parse(stdout) as number[];
  t.equal(new Set(theirs).size, 300);
  t.same(
    theirs.filter((port) => mine.has(port)),
    [],
  );
});

await t.test(
  'ports are given again once all of the own ones were, if nobody listens there any more',
  async (t) => {
    const ports: number[] = [];
    for (let i = 0; i < 20; i++) ports.push(...(await freePorts(31)));
    t.equal(ports.length, 620);
    t.ok(new Set(ports).size <= 8 * 31);
  },
);
