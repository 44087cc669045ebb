import t from 'tap';
import { IP_PROVIDER } from './ip.ts';

await t.test('an ACL names an IPv4 or IPv6 address or prefix, and nothing else', async (t) => {
  const valid = ['1.2.3.4', '0.0.0.0/0', '10.0.0.0/8', '255.255.255.255/32', '::', '::1', '2001:db8::/32'];
  valid.push('1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', '1:2:3:4:5:6:7::', 'FE80::a/128', '::/0');
  for (const id of valid) t.equal(IP_PROVIDER.isValid(id), true, id);

  const invalid = ['', 'anyone', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', '1.2.3.4/', '1.2.3.4/33'];
  invalid.push(
    '1.2.3.4/-1',
    '1.2.3.4/8/8',
    '1.2.3.4/ 8',
    '1.2.3.4/1e1',
    '::/129',
    ':::',
    '1::2::3',
    '12345::',
  );
  invalid.push(
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8::',
    'fe80::1%eth0',
    'x'.repeat(100_000),
  );
  invalid.push('1:', ':1', '1.2.3.4:1::', '1.2.3.4::', '::1.2.3');
  for (const id of invalid) t.equal(IP_PROVIDER.isValid(id), false, id.slice(0, 40));
});

await t.test('an address matches the prefixes it lies in, bit by bit', async (t) => {
  const inside = [
    ['10.1.2.3', '10.1.2.3'],
    ['10.1.2.3', '10.0.0.0/8'],
    ['10.127.255.255', '10.0.0.0/9'],
    ['10.1.2.3', '0.0.0.0/0'],
    ['10.1.2.3', '::ffff:10.1.2.3'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:db8:7fff::1', '2001:db8::/33'],
  ] as const;
  for (const [id, aclId] of inside) t.equal(IP_PROVIDER.matches(id, aclId), true, `${id} in ${aclId}`);

  const outside = [
    ['10.1.2.4', '10.1.2.3'],
    ['10.128.0.0', '10.0.0.0/9'],
    ['11.0.0.0', '10.0.0.0/8'],
    ['2001:db8:8000::1', '2001:db8::/33'],
    ['::1', '0.0.0.0/0'],
    ['10.1.2.3', '::/0'],
    ['nonsense', '0.0.0.0/0'],
  ] as const;
  for (const [id, aclId] of outside) t.equal(IP_PROVIDER.matches(id, aclId), false, `${id} not in ${aclId}`);
});
