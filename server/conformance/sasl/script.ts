import * as op from '../sequence/operations.ts';
import { SaslPeer } from './sasl-peer.ts';

const BOB = { user: 'bob', password: 's3cret' };
const ANN = { user: 'ann', password: '0ther' };
const { all, read } = op.Perms;

type Tell = (what: string, answer: string) => void;
type Script = (address: string, tell: Tell) => Promise<void>;

/** What is asked of a server with SASL, by what it is configured with besides. */
export const SCRIPTS: readonly {
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
  readonly script: Script;
}[] = [
  { name: 'as it is', config: {}, script: usual },
  { name: 'who fails may stay', config: { allowSaslFailedClients: 'true' }, script: lenient },
  {
    name: 'everybody must',
    config: { sessionRequireClientSASLAuth: 'true', allowSaslFailedClients: 'true' },
    script: strict,
  },
];

/** Everything that was answered, a line each. */
export async function play(address: string, script: Script): Promise<string[]> {
  const lines: string[] = [];
  await script(address, (what, answer) => lines.push(`${what}: ${answer}`));
  return lines;
}

async function usual(address: string, tell: Tell): Promise<void> {
  const bob = await SaslPeer.connect(address);
  tell('challenge', await bob.token(''));
  tell('right', await bob.authenticate(BOB));
  tell('who', await bob.call(op.whoAmI));
  const forBob = [[all, 'sasl', 'bob']] as const;
  tell('create', await bob.call(op.create('/bob', 'b', { acl: forBob })));
  tell('create for auth', await bob.call(op.create('/auth', 'b', { acl: [[all, 'auth', '']] })));
  tell('acl of auth', (await bob.call(op.getAcl('/auth'))).replace(/ (czxid|stat).*/, ''));
  tell('create for any', await bob.call(op.create('/any', 'b', { acl: [[read, 'sasl', 'any']] })));
  for (const id of ['bob/h', 'bob@R', 'bob/h@R', 'a/b/c', '', '@@', 'b@R@S', 'b/h/i@R', 'b@R/h']) {
    tell(`acl ${id}`, await bob.call(op.setAcl('/auth', [[all, 'sasl', id], ...forBob])).then(codeOf));
  }
  await others(address, tell);
  await failures(address, tell);
  await ensembleNames(address, tell);
  await bob.close();
}

async function others(address: string, tell: Tell): Promise<void> {
  const anybody = await SaslPeer.connect(address);
  const digest = await SaslPeer.connect(address);
  tell('digest', await digest.call(op.auth('digest', 'bob:s3cret')));
  const peers: readonly (readonly [string, SaslPeer])[] = [
    ['anybody', anybody],
    ['digest', digest],
    ['ann', await SaslPeer.authenticated(address, ANN)],
    ['super', await SaslPeer.authenticated(address, { user: 'super', password: 'adm1n' })],
    ['root', await SaslPeer.authenticated(address, { user: 'root', password: 'r00t' })],
    ['authzid', await SaslPeer.authenticated(address, { ...ANN, authzid: 'bob' })],
  ];
  for (const [name, peer] of peers) {
    tell(`${name} is`, await peer.call(op.whoAmI));
    for (const path of ['/bob', '/any']) tell(`${name} ${path}`, codeOf(await peer.call(op.getData(path))));
    await peer.close();
  }
  const packet = await SaslPeer.connect(address);
  tell('by an auth packet', await packet.call(op.auth('sasl', 'bob:s3cret')));
  tell('after it', await packet.end());
}

/**
 * Not sent: a name that nobody has, for which Apache 3.8.0 takes the password of whoever came last; and a count of the
 * nonce, which it does not look at.
 */
async function failures(address: string, tell: Tell): Promise<void> {
  const answers: readonly (readonly [string, (peer: SaslPeer) => string])[] = [
    ['wrong password', (peer) => peer.answerFor({ ...BOB, password: 'x' })],
    ['garbage', () => '\0\u00ff\u00ff"'],
    ['the empty one again', () => ''],
    ['another realm', (peer) => peer.answerFor(BOB).replace(/realm="[^"]*"/, 'realm="x"')],
    ['another nonce', (peer) => peer.answerFor(BOB).replace(/nonce="[^"]*"/, 'nonce="x"')],
    ['another URI', (peer) => peer.answerFor({ ...BOB, digestUri: 'imap/zk-sasl-md5' })],
    ['another host', (peer) => peer.answerFor({ ...BOB, digestUri: 'zookeeper/elsewhere' })],
    ['another qop', (peer) => peer.answerFor(BOB).replace('qop=auth', 'qop=auth-int')],
    ['two names', (peer) => `${peer.answerFor(BOB)},username="bob"`],
    ['too long', (peer) => `${peer.answerFor(BOB)},x="${'x'.repeat(4096)}"`],
  ];
  for (const [what, answer] of answers) {
    const peer = await SaslPeer.connect(address);
    await peer.token('');
    tell(what, await peer.token(answer(peer)));
    tell('after it', await peer.end());
  }
  const early = await SaslPeer.connect(address);
  tell('an answer to nothing', await early.authenticate(BOB));
  tell('the empty one then', await early.token(''));
  tell('after it', await early.end());
  const none = await SaslPeer.connect(address);
  tell('null', await none.token(null));
  const twice = await SaslPeer.connect(address);
  await twice.token('');
  const answer = twice.answerFor(BOB);
  await twice.token(answer);
  tell('the same again', await twice.token(answer));
  tell('after it', await twice.end());
}

async function ensembleNames(address: string, tell: Tell): Promise<void> {
  for (const name of ['ours', 'nearby', '', 'theirs']) {
    const peer = await SaslPeer.connect(address);
    tell(`ensemble ${name}`, await peer.call(op.auth('ensemble', name)));
    if (name === 'ours') tell('who', await peer.call(op.whoAmI));
    await peer.close();
  }
}

async function lenient(address: string, tell: Tell): Promise<void> {
  const peer = await SaslPeer.connect(address);
  tell('challenge', await peer.token(''));
  const right = peer.answerFor(BOB);
  tell('wrong password', await peer.authenticate({ ...BOB, password: 'x' }));
  tell('a second guess', await peer.token(right));
  tell('another round', await peer.token(''));
  tell('who', await peer.call(op.whoAmI));
  await peer.close();
}

async function strict(address: string, tell: Tell): Promise<void> {
  for (const operation of [op.create('/a'), op.getData('/'), op.ping, op.whoAmI, op.closeSession]) {
    const peer = await SaslPeer.connect(address);
    tell(operation.what, await peer.call(operation));
    tell('after it', await peer.end());
  }
  const digest = await SaslPeer.connect(address);
  tell('digest', await digest.call(op.auth('digest', 'bob:s3cret')));
  tell('create', await digest.call(op.create('/a')));
  const wrong = await SaslPeer.connect(address);
  await wrong.token('');
  tell('wrong password', await wrong.authenticate({ ...BOB, password: 'x' }));
  tell('after it', await wrong.end());
  const bob = await SaslPeer.authenticated(address, BOB);
  tell('create', await bob.call(op.create('/a')));
  tell('ping', await bob.call(op.ping));
  await bob.close();
}

/** The error alone. */
function codeOf(answer: string): string {
  return answer.split(' ')[0] ?? '';
}
