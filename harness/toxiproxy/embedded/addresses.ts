import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import { bracketed } from '../../../server/base/host.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** What a host of no name listens on: every address of both families. */
export const WILDCARD = '::';

/** The address is wrong. The text is Go's. */
export class AddressError extends Error {
  override readonly name = 'AddressError';
}

/**
 * Takes `host:port` apart; an IPv6 literal stands in brackets, and both parts may be missing.
 *
 * @throws AddressError in Go's words.
 */
export function parseHostPort(address: string): HostPort {
  if (address === '') return { host: '', port: 0 };
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon);
  const isBracketed = host.startsWith('[') && host.endsWith(']');
  if (colon < 0 || address.endsWith(']'))
    throw new AddressError(`address ${address}: missing port in address`);
  if (host.includes(':') && !isBracketed)
    throw new AddressError(`address ${address}: too many colons in address`);
  const port = Number(address.slice(colon + 1));
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new AddressError(`lookup tcp/${address.slice(colon + 1)}: unknown port`);
  }
  return { host: isBracketed ? host.slice(1, -1) : host, port };
}

/** The same with an address for the host's name, an IPv4 one if there is one. @throws AddressError */
export async function resolveHostPort(address: string): Promise<HostPort> {
  const { host, port } = parseHostPort(address);
  // Like Go's, a listener on the IPv4 wildcard serves both families.
  if (host === '' || host === '0.0.0.0') return { host: WILDCARD, port };
  try {
    const found = await lookup(host, { all: true });
    const best = found.find(({ family }) => family === 4) ?? found[0];
    return { host: best?.address ?? host, port };
  } catch {
    throw new AddressError(`lookup ${host}: no such host`);
  }
}

export function formatHostPort({ host, port }: HostPort): string {
  return `${bracketed(host)}:${port}`;
}

export function formatAddress({ address, port }: AddressInfo): string {
  return formatHostPort({ host: address, port });
}
