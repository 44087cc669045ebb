import type { Endpoint } from './ports.ts';

/** A host name or an address; an IPv6 literal may stand in brackets, which are dropped. */
export function parseHost(text: string): string | undefined {
  const bare = /^\[([0-9a-fA-F:.%]+)\]$/.exec(text)?.[1] ?? text;
  return /^[\w.:%-]+$/.test(bare) ? bare : undefined;
}

/** `host:port`, an IPv6 literal in brackets. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return `${bracketed(host)}:${port}`;
}

export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

export function isLoopback(host: string): boolean {
  const canonical = canonicalHost(host).toLowerCase();
  return canonical === 'localhost' || canonical === '0:0:0:0:0:0:0:1' || canonical.startsWith('127.');
}

/** Whether a server bound to this host is reached by every address of its machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || canonicalHost(host) === '0:0:0:0:0:0:0:0';
}

/**
 * `host` as Java prints it: every group of an IPv6 literal, an IPv4 address mapped into one as itself, names as
 * they are. Two spellings of one IPv6 address become the same.
 */
export function canonicalHost(host: string): string {
  if (!host.includes(':')) return host;
  const [address = '', ...scope] = host.split('%');
  const groups = ipv6Groups(address);
  if (groups === undefined) return host;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return [groups[6], groups[7]].map((group = 0) => `${group >> 8}.${group & 0xff}`).join('.');
  return [groups.map((group) => group.toString(16)).join(':'), ...scope].join('%');
}

const IPV6_GROUPS = 8;

function ipv6Groups(address: string): number[] | undefined {
  const [head = '', tail, ...more] = withoutDots(address).split('::');
  if (more.length > 0) return undefined;
  const before = hexGroups(head);
  const after = hexGroups(tail ?? '');
  const missing = IPV6_GROUPS - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array<number>(missing).fill(0), ...after];
  return groups.every((group) => group <= 0xffff) ? groups : undefined;
}

function hexGroups(text: string): number[] {
  if (text === '') return [];
  return text
    .split(':')
    .map((group) => (/^[0-9a-fA-F]{1,4}$/.test(group) ? Number.parseInt(group, 16) : Infinity));
}

/** The last two groups may be written as an IPv4 address. */
function withoutDots(address: string): string {
  return address.replace(/(?<=:)\d{1,3}(?:\.\d{1,3}){3}$/, (dotted) => {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
    if (Math.max(a, b, c, d) > 255) return dotted;
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
}
