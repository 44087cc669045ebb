import t from 'tap';
import { AddressError, formatHostPort, parseHostPort, resolveHostPort } from './addresses.ts';

await t.test('an address may lack its host, its port, or both', async (t) => {
  t.same(parseHostPort(''), { host: '', port: 0 });
  t.same(parseHostPort(':80'), { host: '', port: 80 });
  t.same(parseHostPort('127.0.0.1:0'), { host: '127.0.0.1', port: 0 });
  t.same(parseHostPort('[::1]:5'), { host: '::1', port: 5 });
});

await t.test('a wrong one is refused in the words of Go', async (t) => {
  const refusals: readonly (readonly [string, string])[] = [
    ['127.0.0.1', 'address 127.0.0.1: missing port in address'],
    ['[::1]', 'address [::1]: missing port in address'],
    ['::1:80', 'address ::1:80: too many colons in address'],
    ['a:65536', 'lookup tcp/65536: unknown port'],
    ['a:x', 'lookup tcp/x: unknown port'],
  ];
  for (const [address, why] of refusals) t.throws(() => parseHostPort(address), new AddressError(why));
});

await t.test('a name becomes an IPv4 address, and no name every address', async (t) => {
  t.equal(formatHostPort(await resolveHostPort('localhost:7')), '127.0.0.1:7');
  t.equal(formatHostPort(await resolveHostPort(':7')), '[::]:7');
  t.equal(formatHostPort(await resolveHostPort('0.0.0.0:7')), '[::]:7');
});
