import t from 'tap';
import { ConnectStringError, formatServerAddress, parseConnectString } from './connect-string.ts';
import { keeperErrorName, outcomeOfError } from './keeper-errors.ts';

await t.test(
  'servers, default ports, IPv6 and a chroot are read as the Java client reads them',
  async (t) => {
    t.same(parseConnectString('a:1,b,[::1]:2182,[::1],fe80::1/x/y'), {
      servers: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2181 },
        { host: '::1', port: 2182 },
        { host: '::1', port: 2181 },
        { host: 'fe80::1', port: 2181 },
      ],
      chroot: '/x/y',
    });
    t.equal(parseConnectString('a:1/').chroot, '');
    t.equal(formatServerAddress({ host: '::1', port: 7 }), '[::1]:7');
    t.equal(formatServerAddress({ host: 'a', port: 7 }), 'a:7');
  },
);

await t.test('what cannot be read is refused with the part that is wrong', async (t) => {
  const refused: readonly [string, RegExp][] = [
    ['', /names no server; write it as host:port/],
    ['/x', /names no server/],
    ['a:b', /"a:b" is not host:port/],
    ['a:0', /"a:0": a port is between 1 and 65535/],
    ['a:65536', /"a:65536": a port is between/],
    ['[::1', /"\[::1" is not host:port; an IPv6 address goes in brackets/],
    ['a:1/x,b:2/x', /the chroot is written once/],
    ['a:1/x//y', /is not a path to use as chroot/],
  ];
  for (const [text, says] of refused) {
    t.throws(() => parseConnectString(text), { message: says, code: 'connect-string' }, text);
    t.throws(() => parseConnectString(text), ConnectStringError, text);
  }
});

await t.test(
  'a failed write is definite only where the answer proves it; a failed read always',
  async (t) => {
    const write = { reads: false };
    for (const code of [-5, -8, -101, -102, -103, -108, -110, -111, -114, -125, -127]) {
      t.equal(outcomeOfError(code, write), 'fail', keeperErrorName(code));
    }
    for (const code of [-1, -2, -4, -7, -112, -118, -122, -9999]) {
      t.equal(outcomeOfError(code, write), 'info', keeperErrorName(code));
      t.equal(outcomeOfError(code, { reads: true }), 'fail', `a read: ${keeperErrorName(code)}`);
    }
    t.equal(keeperErrorName(-9999), 'KeeperError(-9999)');
  },
);
