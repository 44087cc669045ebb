import t from 'tap';
import { canonicalHost, formatEndpoint, isWildcard, parseHost } from './host.ts';

await t.test('a host is a name or an address, with or without brackets', async (t) => {
  t.equal(parseHost('zoo-1.example'), 'zoo-1.example');
  t.equal(parseHost('[::1]'), '::1');
  t.equal(parseHost('::1'), '::1');
  for (const text of ['', 'a b', '[zoo]', '[::1', 'a/b', 'a\nb']) t.equal(parseHost(text), undefined, text);
});

await t.test('IPv6 addresses are printed as Java does, and names are left alone', async (t) => {
  // The first four as Apache 3.8.0 had them in /zookeeper/config.
  const printed = {
    '::1': '0:0:0:0:0:0:0:1',
    '0:0::1': '0:0:0:0:0:0:0:1',
    '::': '0:0:0:0:0:0:0:0',
    '::ffff:127.0.0.1': '127.0.0.1',
    'FE80::0a%2': 'fe80:0:0:0:0:0:0:a%2',
    '2001:db8:1:2:3:4:5:6': '2001:db8:1:2:3:4:5:6',
    '1::2:10.0.0.255': '1:0:0:0:0:2:a00:ff',
    LOCALHOST: 'LOCALHOST',
    '10.0.0.1': '10.0.0.1',
  };
  for (const [host, text] of Object.entries(printed)) t.equal(canonicalHost(host), text, host);
});

await t.test('what is no address is left as it is', async (t) => {
  for (const host of ['1:2', '1::2::3', '::12345', '1:2:3:4:5:6:7::8', '::1.2.3.256', ':', 'a:b']) {
    t.equal(canonicalHost(host), host);
  }
});

await t.test('an endpoint is printed so that it can be read again', async (t) => {
  t.equal(formatEndpoint({ host: '::1', port: 2888 }), '[::1]:2888');
  t.equal(formatEndpoint({ host: 'zoo1', port: 2888 }), 'zoo1:2888');
});

await t.test('a wildcard is one in every spelling', async (t) => {
  for (const host of ['0.0.0.0', '::', '0:0:0:0:0:0:0:0']) t.ok(isWildcard(host), host);
  for (const host of ['127.0.0.1', '::1', 'zoo1']) t.notOk(isWildcard(host), host);
});
