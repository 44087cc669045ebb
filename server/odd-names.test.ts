import t from 'tap';
import { Client } from '../harness/client/client.ts';
import { startLogged } from './admin/testing/logged-server.ts';

/** What means something in an object of JavaScript that is used as a dictionary. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '__defineGetter__',
  'valueOf',
];

await t.test(
  'znodes may be called as parts of objects are, in the tree, in quotas and on pages',
  async (t) => {
    const { server, urlOf } = await startLogged(t.testdir({}), [
      'admin.enableServer=true',
      'admin.serverPort=0',
    ]);
    t.teardown(() => server.stop());
    const client = await Client.connect({
      connectString: `127.0.0.1:${server.clientPort}`,
      sessionTimeoutMs: 10_000,
    });
    t.teardown(() => client.close());
    for (const name of NAMES) {
      await t.rejects(client.getData(`/${name}`), { message: `NoNode for /${name}` });
      await client.create(`/${name}`, Buffer.from(name), { flags: 1 });
      await client.create(`/of-${name}`, null);
      await client.create(`/of-${name}/__proto__`, Buffer.from(name));
      await client.exists(`/${name}`, () => undefined);
      t.same((await client.getData(`/of-${name}/__proto__`)).data, Buffer.from(name));
    }
    t.same(
      (await client.getChildren('/')).children.filter((name) => NAMES.includes(name)).sort(),
      [...NAMES].sort(),
    );

    const watches = await (await fetch(`${urlOf('AdminServer')}/commands/wchp`)).text();
    const dump = await (await fetch(`${urlOf('AdminServer')}/commands/dump`)).text();
    for (const name of NAMES) {
      t.match(watches, `"/${name}" : [`);
      t.match(dump, `"/${name}"`);
      const answer = (await (await fetch(`${urlOf('AdminServer')}/commands/${name}`)).json()) as object;
      t.match(answer, { error: `Unknown command: ${name}` });
    }
  },
);
