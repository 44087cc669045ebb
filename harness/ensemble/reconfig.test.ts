import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../client/client.ts';
import { apacheProgram, SMALL_JVM_FLAGS } from './apache.ts';
import { createEnsemble } from './create-ensemble.ts';
import { stampedeProgram } from './embedded.ts';
import { leaderOf } from './ensemble.ts';
import { findApache } from './find-apache.ts';
import { fourLetterWord } from './four-letter-word.ts';
import type { ProcessEnsemble } from './process-ensemble.ts';
import type { ServerProgram } from './server-program.ts';
import { waitUntil } from './wait-until.ts';

const WAIT = { timeoutMs: 30_000 };
const CONFIG = {
  tickTime: '500',
  reconfigEnabled: 'true',
  // super:test
  'DigestAuthenticationProvider.superDigest': 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
};
const JOINER = 4;

/** Four servers, of which the fourth is not in the configuration of the others. */
class Scene {
  readonly t: Test;
  readonly ensemble: ProcessEnsemble;
  readonly directory: string;
  readonly #lines: ReadonlyMap<number, string>;

  private constructor(t: Test, ensemble: ProcessEnsemble, directory: string) {
    this.t = t;
    this.ensemble = ensemble;
    this.directory = directory;
    const text = readFileSync(join(directory, '1/zoo.cfg'), 'latin1');
    this.#lines = new Map(
      [...text.matchAll(/^server\.(\d+)=(.*)$/gm)].map(([, id, address = '']) => [Number(id), address]),
    );
  }

  static async create(t: Test, programs: readonly ServerProgram[]): Promise<Scene> {
    const directory = t.testdir();
    const servers = programs.map((program) => ({ program }));
    const ensemble = await createEnsemble({ directory, servers, config: CONFIG });
    t.teardown(() => ensemble.stop());
    const scene = new Scene(t, ensemble, directory);
    for (const id of [1, 2, 3]) {
      const file = join(directory, `${id}/zoo.cfg`);
      writeFileSync(file, readFileSync(file, 'latin1').replace(/^server\.4=.*\n/m, ''));
    }
    return scene;
  }

  server(id: number) {
    const server = this.ensemble.servers.find((one) => one.id === id);
    if (server === undefined) throw new Error(`there is no server ${id}`);
    return server;
  }

  /** What a reconfig has to say of a server. */
  line(id: number, role = 'participant'): string {
    return `server.${id}=${this.#lines.get(id)}:${role};${this.server(id).clientAddress}`;
  }

  async client(...ids: readonly number[]): Promise<Client> {
    const connectString = ids.map((id) => this.server(id).clientAddress).join(',');
    const client = await Client.connect({ connectString });
    this.t.teardown(() => client.destroy());
    await client.addAuth('digest', 'super:test');
    return client;
  }

  async untilRole(id: number, role: string): Promise<void> {
    const is = async () => (await this.ensemble.roles()).get(id) === role;
    if ((await waitUntil(is, WAIT)) === 'met') return;
    throw new Error(`server ${id} is no ${role}: ${this.ensemble.logTail(id)}`);
  }

  async leader(): Promise<number> {
    let leader = 0;
    const isThere = async () => (leader = leaderOf(await this.ensemble.roles()) ?? 0) > 0;
    if ((await waitUntil(isThere, WAIT)) === 'met') return leader;
    throw new Error('nobody leads');
  }

  async synced(count: number): Promise<void> {
    const leader = this.server(await this.leader()).clientAddress;
    const is = async () =>
      (await fourLetterWord(leader, 'mntr', 5000)).includes(`zk_synced_non_voting_followers\t${count}\n`);
    this.t.equal(await waitUntil(is, WAIT), 'met', `${count} followers without a vote`);
  }

  /** Waits until all of these show it. */
  async untilAllShow(ids: readonly number[], text: string): Promise<void> {
    for (const id of ids) {
      const client = await this.client(id);
      const shows = async () => (await configOf(client)) === text;
      this.t.equal(await waitUntil(shows, WAIT), 'met', `server ${id} shows the configuration`);
      await client.close();
    }
  }
}

async function configOf(client: Client): Promise<string> {
  return textOf((await client.getData('/zookeeper/config')).data);
}

function textOf(data: Uint8Array | null): string {
  return Buffer.from(data ?? []).toString();
}

function membersIn(text: string): string[] {
  return [...text.matchAll(/^server\.(\d+)=\S+:(\w+);/gm)].map(([, id, role]) => `${id} ${role}`).sort();
}

async function joins(t: Test, scene: Scene, client: Client): Promise<void> {
  await t.test('the first configuration gets a version', async (t) => {
    t.match(await configOf(client), /\nversion=[1-9a-f][0-9a-f]*$/);
  });

  await t.test('who wants to join follows before it belongs', async () => {
    await client.create('/before', Buffer.from('x'));
    await scene.server(JOINER).start();
    await scene.untilRole(JOINER, 'follower');
    await scene.synced(1);
  });

  await t.test('it joins, and all say so', async (t) => {
    const before = /version=(\w+)$/.exec(await configOf(client))?.[1] ?? '';
    const seen = new Promise((resolve) => {
      void client.getData('/zookeeper/config', resolve);
    });
    const { data, stat } = await client.reconfig({
      // With all that may follow ";", also of those that were there before.
      joiningServers: [1, 2, 3, JOINER].map((id) => scene.line(id)).join(','),
      curConfigId: Number.parseInt(before, 16),
    });
    const text = textOf(data);
    t.same(membersIn(text), ['1 participant', '2 participant', '3 participant', '4 participant']);
    t.ok(text.endsWith(`version=${stat.mzxid.toString(16)}`), 'its version is the zxid of the change');
    t.equal(stat.version, -1);
    t.match(await seen, { path: '/zookeeper/config' });
    await scene.untilAllShow([1, 2, 3, JOINER], text);
    await scene.synced(0);
    const other = await scene.client(JOINER);
    t.equal(textOf((await other.getData('/before')).data), 'x');
    await other.close();
  });
}

async function isRefused(t: Test, scene: Scene, client: Client): Promise<void> {
  await t.test('a change that cannot be is refused', async (t) => {
    const refused = async (change: Parameters<Client['reconfig']>[0], code: number) => {
      await t.rejects(client.reconfig(change), { code }, `${JSON.stringify(change)} is refused with ${code}`);
    };
    const absent = [7, 8, 9, 10, 11].map((id) => `server.${id}=127.0.0.1:${id}000:${id}001;${id}002`);
    await refused({ joiningServers: absent.join(',') }, -13);
    await refused({ leavingServers: '1', curConfigId: 17 }, -103);
    await refused({ joiningServers: 'server.9=127.0.0.1:9000:9001' }, -8);
    await refused({ joiningServers: 'server.9' }, -8);
    await refused({ newMembers: 'server.9=nonsense' }, -8);
    await refused({ leavingServers: '1,2,3' }, -8);
    await refused({ leavingServers: 'x' }, -5);
    const stranger = await Client.connect({ connectString: scene.ensemble.connectString });
    await t.rejects(stranger.reconfig({ leavingServers: '4' }), { code: -102 });
    await stranger.close();
  });
}

async function leadersChange(t: Test, scene: Scene, client: Client): Promise<void> {
  await t.test('the leader is taken out, and another leads without an election', async (t) => {
    const leader = await scene.leader();
    const rest = [1, 2, 3, JOINER].filter((id) => id !== leader);
    const remaining = await scene.client(...rest);
    await remaining.create('/still', null);
    await client.close();
    await remaining.reconfig({ leavingServers: String(leader) }).catch((error: { code: number }) => {
      // Whoever was asked may have gone over to the new leader before it could answer.
      t.equal(error.code, -4);
    });
    const leads = async () => rest.includes(leaderOf(await scene.ensemble.roles()) ?? 0);
    t.equal(await waitUntil(leads, WAIT), 'met');
    await scene.untilRole(leader, 'follower');
    const again = await scene.client(...rest);
    const text = await configOf(again);
    t.same(
      membersIn(text),
      rest.map((id) => `${id} participant`),
    );
    await scene.untilAllShow([1, 2, 3, JOINER], text);
    t.ok(await again.exists('/still'));
    await remaining.close();
    await again.reconfig({ joiningServers: scene.line(leader, 'observer') });
    await scene.untilRole(leader, 'observer');
    t.same(
      membersIn(await configOf(again)).filter((one) => one.endsWith('observer')),
      [`${leader} observer`],
    );
    await again.close();
  });

  await t.test('a whole list makes it a participant again', async (t) => {
    const some = await scene.client(1, 2, 3, JOINER);
    const leader = await scene.leader();
    await some.reconfig({ newMembers: [1, 2, 3, JOINER].map((id) => scene.line(id)).join('\n') });
    await scene.untilRole(leader, 'leader');
    const text = await configOf(some);
    t.equal(membersIn(text).length, 4);
    await scene.untilAllShow([1, 2, 3, JOINER], text);
    await some.create('/after', null);
    await some.close();
  });
}

async function lasts(t: Test, scene: Scene): Promise<void> {
  await t.test('and it is so after everything was stopped', async (t) => {
    const any = await scene.client(1, 2, 3, JOINER);
    const text = await configOf(any);
    await any.close();
    await scene.ensemble.kill();
    for (const { id } of scene.ensemble.servers) {
      const directory = join(scene.directory, String(id));
      const zoo = readFileSync(join(directory, 'zoo.cfg'), 'latin1');
      t.notMatch(zoo, /^server\./m);
      const [, dynamic = ''] = /^dynamicConfigFile=(.*)$/m.exec(zoo) ?? [];
      t.ok(text.endsWith(`version=${dynamic.replace(/^.*\./, '')}`), `server ${id} has it in a file`);
      t.notOk(readdirSync(directory).includes('zoo.cfg.dynamic.next'));
    }
    await scene.ensemble.start();
    await scene.untilAllShow([1, 2, 3, JOINER], text);
    const after = await scene.client(1, 2, 3, JOINER);
    for (const path of ['/before', '/still', '/after']) t.ok(await after.exists(path), path);
    await after.close();
  });
}

/** What an operator does over the years, with servers of these programs. */
async function play(t: Test, programs: readonly ServerProgram[]): Promise<void> {
  const scene = await Scene.create(t, programs);
  await Promise.all([1, 2, 3].map((id) => scene.server(id).start()));
  const client = await scene.client(1, 2, 3);

  await joins(t, scene, client);
  await isRefused(t, scene, client);
  await leadersChange(t, scene, client);
  await lasts(t, scene);
}

const ours = stampedeProgram();
await t.test('servers of ours come, go and change their roles', (t) => play(t, [ours, ours, ours, ours]));

const search = findApache();
const skip = search.found ? false : search.why;
const apache = (): ServerProgram => {
  if (!search.found) throw new Error(search.why);
  return apacheProgram(search.apache, SMALL_JVM_FLAGS);
};
await t.test('so do they beside Apache’s', { skip }, async (t) => {
  await t.test('which are half of them', (t) => play(t, [ours, apache(), ours, apache()]));
  await t.test('the other half', (t) => play(t, [apache(), ours, apache(), ours]));
});
