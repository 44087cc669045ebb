import t from 'tap';
import { Secret } from '../secret.ts';
import { DigestMd5Exchange, ZOOKEEPER_SERVICE, hashedBytes, type DigestMd5Service } from './digest-md5.ts';
import { clientAnswer, type Credentials } from './testing/digest-md5-client.ts';

const BOB: Credentials = { user: 'bob', password: 'pw' };
const EMPTY = new Uint8Array(0);
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const textOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('latin1');

function service(users: Readonly<Record<string, string>> = { bob: 'pw' }): DigestMd5Service {
  const secrets = Object.entries(users).map(([name, password]) => [name, new Secret(password)] as const);
  return { users: new Map(secrets), ...ZOOKEEPER_SERVICE };
}

/** An exchange that has sent its challenge. */
function challenged(users?: Readonly<Record<string, string>>) {
  const exchange = new DigestMd5Exchange(service(users));
  const challenge = exchange.answer(EMPTY);
  if (challenge === null) throw new Error('no challenge');
  return { exchange, challenge: challenge.token };
}

await t.test('the examples of RFC 2831', (t) => {
  for (const [protocol, nonce, cnonce, response, rspauth] of [
    [
      'imap',
      'OA6MG9tEQGm2hh',
      'OA6MHXh6VqTrRk',
      'd388dad90d4bbd760a152321f2143af7',
      'ea40f60335c427b5527b84dbabcdfffd',
    ],
    [
      'acap',
      'OA9BSXrbuRhWay',
      'OA9BSuZWMSpW8m',
      '6084c6db3fede7352c551284490fd0fc',
      '2f0b3d7c3c2e486600ef710726aa2eae',
    ],
  ] as const) {
    const realm = 'elwood.innosoft.com';
    const users = new Map([['chris', new Secret('secret')]]);
    const exchange = new DigestMd5Exchange({ users, realm, digestUri: `${protocol}/${realm}` }, { nonce });
    t.match(textOf(exchange.answer(EMPTY)?.token), `nonce="${nonce}"`);
    const token =
      `charset=utf-8,username="chris",realm="${realm}",nonce="${nonce}",nc=00000001,cnonce="${cnonce}",` +
      `digest-uri="${protocol}/${realm}",response=${response},qop=auth`;
    const answer = exchange.answer(latin1(token));
    t.equal(textOf(answer?.token), `rspauth=${rspauth}`);
    t.equal(answer?.user, 'chris');
  }
  t.end();
});

await t.test('the challenge is Apache’s, and never the same', (t) => {
  const texts = Array.from({ length: 3 }, () => textOf(challenged().challenge));
  for (const text of texts)
    t.match(text, /^realm="zk-sasl-md5",nonce="[A-Za-z0-9+/]{40}",charset=utf-8,algorithm=md5-sess$/);
  t.equal(new Set(texts).size, texts.length);
  t.end();
});

await t.test('who has the password is who it says, in whatever characters', (t) => {
  // ISO 8859-1, beyond it, and what has to be escaped.
  const users = { bob: 'pw', jörg: 'größe', łukasz: 'żółw', 'a"b\\c': '"' };
  for (const [user, password] of Object.entries(users)) {
    const { exchange, challenge } = challenged(users);
    const answer = exchange.answer(latin1(clientAnswer(challenge, { user, password })));
    t.equal(answer?.user, user, user);
    t.match(textOf(answer?.token), /^rspauth=[0-9a-f]{32}$/);
  }
  t.end();
});

await t.test('whom a client wants to act for is hashed and changes nothing', (t) => {
  const { exchange, challenge } = challenged({ bob: 'pw', ann: 'other' });
  const token = clientAnswer(challenge, { ...BOB, authzid: 'ann' });
  t.equal(exchange.answer(latin1(token))?.user, 'bob');
  const second = challenged();
  const without = clientAnswer(second.challenge, BOB);
  t.equal(second.exchange.answer(latin1(`${without},authzid="ann"`)), null);
  t.end();
});

await t.test('a wrong password and an unknown user are refused', (t) => {
  const wrong = [
    { user: 'bob', password: 'PW' },
    { user: 'bob', password: '' },
    { user: 'eve', password: 'pw' },
    // The password that is hashed for nobody.
    { user: 'eve', password: '' },
    { user: '', password: 'pw' },
    { user: 'bob/host@REALM', password: 'pw' },
  ];
  for (const credentials of wrong) {
    const { exchange, challenge } = challenged();
    t.equal(exchange.answer(latin1(clientAnswer(challenge, credentials))), null, JSON.stringify(credentials));
  }
  t.end();
});

await t.test('an answer that is changed anywhere is refused', (t) => {
  const changes: readonly (readonly [RegExp, string])[] = [
    [/realm="[^"]*"/, 'realm="other"'],
    [/realm="[^"]*",/, ''],
    [/nonce="[^"]/, 'nonce="!'],
    [/nc=00000001/, 'nc=00000002'],
    [/nc=00000001,/, ''],
    [/cnonce="[^"]*"/, 'cnonce="other"'],
    [/cnonce="[^"]*",/, ''],
    [/zookeeper\//, 'imap/'],
    [/qop=auth/, 'qop=auth-int'],
    [/charset=utf-8/, 'charset=latin1'],
    [/username="bob"/, 'username="bob",username="bob"'],
    [/username="bob",/, ''],
    [/username="bob"/, 'username="\xff"'],
    [/response=\w+/, 'response='],
    [/response=\w+,/, ''],
    [/response=\w/, 'response=x'],
    [/$/, ',"'],
    [/$/, `,x="${'x'.repeat(4096)}"`],
    [/^/, '\0'],
  ];
  for (const [pattern, replacement] of changes) {
    const { exchange, challenge } = challenged();
    const token = clientAnswer(challenge, BOB);
    const changed = token.replace(pattern, replacement);
    t.not(changed, token, String(pattern));
    t.equal(exchange.answer(latin1(changed)), null, `${pattern} ${replacement.slice(0, 20)}`);
  }
  t.end();
});

await t.test('what is right in itself and means something else is refused', (t) => {
  const users = { bob: 'pw', '\ufffd': 'pw' };
  for (const credentials of [
    { ...BOB, digestUri: 'imap/zk-sasl-md5' },
    { ...BOB, digestUri: 'zookeeper/elsewhere' },
    { ...BOB, cnonce: '' },
  ]) {
    const { exchange, challenge } = challenged(users);
    t.equal(exchange.answer(latin1(clientAnswer(challenge, credentials))), null, JSON.stringify(credentials));
  }
  const { exchange, challenge } = challenged(users);
  const token = clientAnswer(challenge, { user: '\ufffd', password: 'pw' });
  t.equal(exchange.answer(latin1(token.replace('\xef\xbf\xbd', '\xff'))), null, 'bytes that are no UTF-8');
  t.end();
});

await t.test('names and passwords are hashed in ISO 8859-1 where they have a place in it', (t) => {
  t.same(hashedBytes('Größe'), Buffer.from([0x47, 0x72, 0xf6, 0xdf, 0x65]));
  t.same(hashedBytes('ł'), Buffer.from([0xc5, 0x82]));
  t.end();
});

await t.test('a token out of its turn is refused', (t) => {
  const early = new DigestMd5Exchange(service());
  const guess = latin1(clientAnswer(latin1('realm="zk-sasl-md5",nonce=""'), BOB));
  t.match(textOf(early.answer(guess)?.token), /^realm=.*nonce="/, 'before the challenge');
  t.equal(early.answer(guess), null);

  const first = challenged();
  t.equal(first.exchange.answer(EMPTY), null, 'the first one again');

  const failed = challenged();
  t.equal(failed.exchange.answer(latin1(clientAnswer(failed.challenge, { ...BOB, password: 'x' }))), null);
  const right = latin1(clientAnswer(failed.challenge, BOB));
  t.equal(failed.exchange.answer(right), null, 'a second guess');

  const done = challenged();
  const token = latin1(clientAnswer(done.challenge, BOB));
  t.equal(done.exchange.answer(token)?.user, 'bob');
  t.equal(done.exchange.answer(token), null, 'the same again');
  t.equal(done.exchange.answer(EMPTY), null, 'another round');
  t.equal(challenged().exchange.answer(token), null, 'in another exchange');
  t.end();
});
