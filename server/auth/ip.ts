import type { AuthProvider } from '../tree/auth-provider.ts';

/**
 * The `ip` scheme: every connection holds its remote address, and an ACL names an address or a prefix
 * (`10.0.0.0/8`, `2001:db8::/32`). Strict where Apache is lax: no leading zeros in IPv4, no zone ids, no bits beyond the
 * address; an IPv4-mapped IPv6 address counts as the IPv4 address, as in Java.
 *
 * The address is that of the last hop: behind a proxy every client has the proxy's.
 */
export const IP_PROVIDER: AuthProvider = {
  scheme: 'ip',
  isAuthenticated: false,
  isValid: (id) => parsePrefix(id) !== null,
  matches(id, aclId) {
    const address = parseAddress(id);
    const prefix = parsePrefix(aclId);
    return address !== null && prefix !== null && startsWith(address, prefix);
  },
};

/** 4 or 16 bytes. */
type Address = readonly number[];

interface Prefix {
  readonly address: Address;
  readonly bits: number;
}

const IPV4_BYTES = 4;
const IPV6_BYTES = 16;
const MAPPED_PREFIX: Address = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** Longest text that can be an address: six groups and an IPv4 tail. What is longer is not even looked at. */
const ADDRESS_LENGTH_MAX = 45;

/**
 * `address` as Java prints it, which is what whoAmI, `cons` and ACLs show: IPv4 also for a mapped address, IPv6 in
 * eight groups without `::`. A text that is no address is returned as it is.
 */
export function javaAddressText(address: string): string {
  const bytes = parseAddress(address.split('%', 1)[0] as string);
  if (bytes === null) return address;
  if (bytes.length === IPV4_BYTES) return bytes.join('.');
  const groups: string[] = [];
  for (let i = 0; i < IPV6_BYTES; i += 2) groups.push(groupAt(bytes, i).toString(16));
  return groups.join(':');
}

function groupAt(bytes: Address, index: number): number {
  return ((bytes[index] as number) << 8) | (bytes[index + 1] as number);
}

function startsWith(address: Address, prefix: Prefix): boolean {
  if (address.length !== prefix.address.length) return false;
  for (let i = 0, bits = prefix.bits; bits > 0; i++, bits -= 8) {
    const difference = (address[i] as number) ^ (prefix.address[i] as number);
    if (difference >>> Math.max(0, 8 - bits) !== 0) return false;
  }
  return true;
}

function parsePrefix(text: string): Prefix | null {
  if (text.length > ADDRESS_LENGTH_MAX + '/128'.length) return null;
  const [addressText = '', bitsText, ...rest] = text.split('/');
  const address = parseAddress(addressText);
  if (address === null || rest.length > 0) return null;
  const bitsMax = address.length * 8;
  if (bitsText === undefined) return { address, bits: bitsMax };
  const bits = Number(bitsText);
  return /^\d{1,3}$/.test(bitsText) && bits <= bitsMax ? { address, bits } : null;
}

function parseAddress(text: string): Address | null {
  if (text.length > ADDRESS_LENGTH_MAX) return null;
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text);
  return bytes !== null && MAPPED_PREFIX.every((byte, i) => byte === bytes[i]) ? bytes.slice(12) : bytes;
}

function parseIpv4(text: string): number[] | null {
  const parts = text.split('.');
  if (parts.length !== IPV4_BYTES) return null;
  const bytes = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return bytes.every((byte) => byte <= 255) ? bytes : null;
}

function parseIpv6(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const head = parseGroups(halves[0] as string, halves.length === 1);
  const tail = halves.length === 2 ? parseGroups(halves[1] as string, true) : [];
  if (head === null || tail === null) return null;
  const missing = IPV6_BYTES - head.length - tail.length;
  // `::` stands for at least one group; without it nothing may be missing.
  if (halves.length === 1 ? missing !== 0 : missing < 2) return null;
  return [...head, ...new Uint8Array(missing), ...tail];
}

/** Colon-separated groups as bytes; only the last group of an address may be IPv4. */
function parseGroups(text: string, atEnd: boolean): number[] | null {
  if (text === '') return [];
  const bytes: number[] = [];
  const groups = text.split(':');
  for (const [index, group] of groups.entries()) {
    if (atEnd && index === groups.length - 1 && group.includes('.')) {
      const ipv4 = parseIpv4(group);
      if (ipv4 === null) return null;
      bytes.push(...ipv4);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >>> 8, value & 0xff);
    } else return null;
  }
  return bytes;
}
