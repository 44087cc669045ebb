import t from 'tap';
import { createEmbedded } from '../../../harness/ensemble/embedded.ts';
import * as op from '../sequence/operations.ts';
import { SaslPeer } from './sasl-peer.ts';
import { saslConfig } from './sasl-target.ts';

const FOR_BOB = [[op.Perms.all, 'sasl', 'bob']] as const;

// Two of three servers are followers, whose writes the leader decides on.
await t.test('who has authenticated at any server is that to the leader, and nobody else is', async (t) => {
  const directory = t.testdir();
  const { jaas, config } = saslConfig(directory);
  const ensemble = await createEmbedded({
    directory,
    serverCount: 3,
    config: { ...config, tickTime: '500', 'java.security.auth.login.config': jaas },
  });
  t.teardown(() => ensemble.stop());
  await ensemble.start();
  for (const { id, clientAddress } of ensemble.servers) {
    const bob = await SaslPeer.authenticated(clientAddress, { user: 'bob', password: 's3cret' });
    const path = `/of-bob-${id}`;
    t.match(await bob.call(op.create(path, '', { acl: [[op.Perms.all, 'auth', '']] })), /^0 /);
    t.match(await bob.call(op.getAcl(path)), /\[31:sasl:bob\]/);
    t.match(await bob.call(op.create(`${path}/child`, '', { acl: FOR_BOB })), /^0 /);
    const ann = await SaslPeer.authenticated(clientAddress, { user: 'ann', password: '0ther' });
    const anybody = await SaslPeer.connect(clientAddress);
    for (const peer of [ann, anybody]) {
      t.match(await peer.call(op.create(`${path}/other`)), /^-102 /);
      t.match(await peer.call(op.setData(`${path}/child`, 'x')), /^-102 /);
    }
    const root = await SaslPeer.authenticated(clientAddress, { user: 'root', password: 'r00t' });
    t.match(await root.call(op.setData(`${path}/child`, 'x')), /^0 /);
    for (const peer of [bob, ann, anybody, root]) await peer.close();
  }
});
