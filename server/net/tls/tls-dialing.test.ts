import t, { type Test } from 'tap';
import { SILENT_LOG } from '../../base/log.ts';
import type { ByteStream } from '../../base/ports.ts';
import { NodeDialer } from '../node-dialer.ts';
import { StreamListener } from '../stream-listener.ts';
import { OPEN_TO_ALL } from '../testing/open-to-all.ts';
import { KeyMaterial } from './key-material.ts';
import { TestAuthority, whyNoCertificates } from './testing/certificates.ts';
import type { TlsConfig } from './tls-config.ts';
import { TlsDialing } from './tls-dialing.ts';
import { TlsSockets } from './tls-sockets.ts';

const skip = whyNoCertificates();

function store(path: string): TlsConfig['trustStore'] & object {
  return { path, type: 'PEM', password: null };
}

function keysOf(authority: TestAuthority, names?: string): KeyMaterial {
  const config: TlsConfig = {
    prefix: 'ssl.quorum.',
    keyStore: store(authority.issue('server', '/CN=server', names).pem),
    trustStore: store(authority.certificate),
    clientAuth: 'need',
    minVersion: 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: null,
    handshakeTimeoutMs: 10_000,
    isReloaded: false,
  };
  return new KeyMaterial(config, { log: SILENT_LOG, nowMs: () => 0 });
}

/** A port that sends back what it gets. */
async function listen(t: Test, keys: KeyMaterial): Promise<number> {
  const gate = new TlsSockets({
    config: { clientAuth: 'need', handshakeTimeoutMs: 10_000 },
    keys,
    onFailed: () => undefined,
  });
  const listener = new StreamListener({
    ...OPEN_TO_ALL,
    gate,
  });
  t.teardown(() => listener.close());
  await listener.listen();
  listener.open((stream) => ({
    onBytes: (chunk) => void stream.write(chunk.slice()),
    onDrain: () => undefined,
    onClosed: () => undefined,
  }));
  return listener.port;
}

/** `open`, or why it is not. */
function dialled(
  { keys, checksName }: { readonly keys: KeyMaterial; readonly checksName: boolean },
  address: { readonly host: string; readonly port: number },
): Promise<string> {
  return new Promise((resolve) => {
    new NodeDialer(new TlsDialing({ keys, checksName, onRefused: () => undefined })).dial(address, {
      timeoutMs: 5000,
      onFailed: resolve,
      onOpen: (stream) => {
        resolve('open');
        stream.destroy();
        return { onBytes: () => undefined, onDrain: () => undefined, onClosed: () => undefined };
      },
    });
  });
}

await t.test('who writes is told when it is out, however little it was', { skip }, async (t) => {
  const keys = keysOf(new TestAuthority(t.testdir()));
  const port = await listen(t, keys);
  const dialer = new NodeDialer(new TlsDialing({ keys, checksName: true, onRefused: () => undefined }));
  const events = await new Promise<string[]>((resolve, reject) => {
    const events: string[] = [];
    let connection: ByteStream | null = null;
    const note = (event: string): void => {
      events.push(event);
      if (events.length < 3) return;
      connection?.destroy();
      resolve(events);
    };
    dialer.dial(
      { host: '127.0.0.1', port },
      {
        timeoutMs: 5000,
        onFailed: (why) => reject(new Error(why)),
        onOpen: (stream) => {
          connection = stream;
          note(`out at once: ${stream.write(Buffer.from('hello'))}`);
          return {
            onBytes: (chunk) => note(Buffer.from(chunk).toString()),
            onDrain: () => note('drain'),
            onClosed: () => undefined,
          };
        },
      },
    );
  });
  t.same(events, ['out at once: false', 'drain', 'hello']);
});

await t.test('nothing is sent to a server whose certificate is for another host', { skip }, async (t) => {
  const keys = keysOf(new TestAuthority(t.testdir()), 'DNS:localhost,DNS:127.0.0.1,IP:127.0.0.2');
  const port = await listen(t, keys);
  const dial = (checksName: boolean, host: string): Promise<string> =>
    dialled({ keys, checksName }, { host, port });
  t.match(await dial(true, '127.0.0.1'), /^its certificate is for .*, and not for 127\.0\.0\.1$/);
  t.equal(await dial(false, '127.0.0.1'), 'open');
  t.equal(await dial(true, 'localhost'), 'open');
});

await t.test('whose certificate is not trusted is spoken to on no account', { skip }, async (t) => {
  const port = await listen(t, keysOf(new TestAuthority(t.testdir(), 'theirs')));
  const keys = keysOf(new TestAuthority(t.testdir(), 'ours'));
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  t.teardown(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
  const why = await dialled({ keys, checksName: false }, { host: '127.0.0.1', port });
  t.match(why, /certificate/);
});
