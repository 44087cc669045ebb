import { isIPv6 } from 'node:net';

export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface ConnectString {
  readonly servers: readonly ServerAddress[];
  /** `''`, or an absolute path without a slash at its end that is put before every path. */
  readonly chroot: string;
}

const PORT_DEFAULT = 2181;

/** A connect string that cannot be read; the message says which part. Exit code 2. */
export class ConnectStringError extends Error {
  override readonly name = 'ConnectStringError';
  readonly code = 'connect-string';
}

/**
 * Reads `host:port,host:port/chroot` as ZooKeeper's clients do: the port is 2181 unless told, an IPv6 address
 * with a port stands in brackets, and the chroot is written once, at the end.
 */
export function parseConnectString(text: string): ConnectString {
  const slash = text.indexOf('/');
  const hosts = slash === -1 ? text : text.slice(0, slash);
  const servers = hosts
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseServerAddress);
  if (servers.length === 0) {
    throw new ConnectStringError(`"${text}" names no server; write it as host:port,host:port/chroot`);
  }
  return { servers, chroot: parseChroot(slash === -1 ? '' : text.slice(slash)) };
}

function parseChroot(path: string): string {
  const chroot = path.replace(/\/+$/, '');
  if (chroot.includes(',')) {
    throw new ConnectStringError(`"${path}": the chroot is written once, after the last server`);
  }
  if (/\/\/|\s/.test(chroot)) {
    throw new ConnectStringError(`"${path}" is not a path to use as chroot; write it as /a/b`);
  }
  return chroot;
}

function parseServerAddress(part: string): ServerAddress {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:[\]]+))(?::(?<port>\d+))?$/.exec(part);
  if (match?.groups === undefined) {
    // A bare IPv6 address has several colons and no port of its own.
    if (isIPv6(part)) return { host: part, port: PORT_DEFAULT };
    throw new ConnectStringError(
      `"${part}" is not host:port; an IPv6 address goes in brackets, as in [::1]:2181`,
    );
  }
  const port = match.groups['port'] === undefined ? PORT_DEFAULT : Number(match.groups['port']);
  if (port < 1 || port > 65_535) throw new ConnectStringError(`"${part}": a port is between 1 and 65535`);
  return { host: match.groups['v6'] ?? match.groups['name'] ?? '', port };
}

export function formatServerAddress({ host, port }: ServerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
