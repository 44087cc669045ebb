import t from 'tap';
import { createEnsemble } from '../../../harness/ensemble/create-ensemble.ts';
import { stampedeProgram } from '../../../harness/ensemble/embedded.ts';
import { leaderOf } from '../../../harness/ensemble/ensemble.ts';
import { waitUntil } from '../../../harness/ensemble/wait-until.ts';
import { CONFIG_FOR } from '../../../harness/http/http-workload.ts';

await t.test('a session, and what it holds, outlives the leader of the server that it is at', async (t) => {
  const program = stampedeProgram();
  const ensemble = await createEnsemble({
    servers: [{ program }, { program }, { program }],
    directory: t.testdir({}),
    config: { ...CONFIG_FOR.admin, 'stampede.rest.enabled': 'true', tickTime: '500' },
  });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  const leader = leaderOf(await ensemble.roles()) ?? 0;
  const follower = ensemble.servers.find(({ id }) => id !== leader);
  const url = `http://${follower?.operatorAddresses.admin}`;
  const session = await fetch(`${url}/sessions/v1?op=create&expire=60`, { method: 'POST' });
  const { id } = (await session.json()) as { id: string };
  const create = (name: string): Promise<Response> =>
    fetch(`${url}/znodes/v1/?op=create&ephemeral=true&name=${name}&session=${id}`, { method: 'POST' });
  t.equal((await create('before')).status, 201);
  const owner = await ownerOf(url, 'before');
  t.ok(owner.length > 5);

  await ensemble.kill(leader);
  const statuses = new Set<number>();
  await waitUntil(
    async () => {
      const { status } = await create('after');
      statuses.add(status);
      return status === 201 || status === 409;
    },
    { timeoutMs: 20_000 },
  );
  t.same(
    [...statuses].filter((status) => ![201, 409, 503, 504].includes(status)),
    [],
  );
  t.equal(await ownerOf(url, 'before'), owner);
  t.equal(await ownerOf(url, 'after'), owner, 'it is the same one');
});

/** As text: a number of JavaScript's has not all of its digits. */
async function ownerOf(url: string, name: string): Promise<string> {
  const text = await (await fetch(`${url}/znodes/v1/${name}`)).text();
  return /"ephemeralOwner" : (-?\d+)/.exec(text)?.[1] ?? text;
}
