import type { TLSSocket } from 'node:tls';
import { acceptBySasl } from './auth/peer-sasl-accept.ts';
import type { Greeting } from './auth/peer-sasl-config.ts';
import { PeerSaslDialer } from './auth/peer-sasl-dialer.ts';
import type { Log } from './base/log.ts';
import type { Accept, Dialer, Timers } from './base/ports.ts';
import { printable } from './base/printable.ts';
import { ConfigError } from './config-error.ts';
import type { ServerConfig } from './config.ts';
import { NodeDialer } from './net/node-dialer.ts';
import { NodeStream } from './net/node-stream.ts';
import type { SocketGate } from './net/socket-gate.ts';
import { isForHost, namesIn } from './net/tls/certificate-names.ts';
import { KeyMaterial } from './net/tls/key-material.ts';
import type { TlsConfig } from './net/tls/tls-config.ts';
import { TlsDialing } from './net/tls/tls-dialing.ts';
import { TlsSockets } from './net/tls/tls-sockets.ts';
import { UnifiedSockets } from './net/tls/unified-sockets.ts';

export interface TransportOptions {
  readonly log: Log;
  readonly nowMs: () => number;
}

/** What clients go through at each port; undefined: nothing. */
export interface ClientGates {
  readonly ordinary: SocketGate | undefined;
  readonly secure: SocketGate | undefined;
}

/** @throws ConfigError for a key, or certificates, that cannot be used. */
export function clientGates(config: ServerConfig, options: TransportOptions): ClientGates {
  const { tls, secureClientAddress, clientPortUnification } = config;
  if (tls === null) return { ordinary: undefined, secure: undefined };
  const onFailed = failuresTo('SecureClientListener', options);
  const secure = new TlsSockets({ config: tls, keys: openKeys(tls, config.file, options), onFailed });
  const { handshakeTimeoutMs: timeoutMs } = tls;
  return {
    ordinary: clientPortUnification
      ? new UnifiedSockets({ secure, timeoutMs, onPlain: () => undefined, onFailed })
      : undefined,
    secure: secureClientAddress === null ? undefined : secure,
  };
}

export type PeerPort = 'election' | 'quorum';

/** How this server meets the others. */
export interface PeerTransport {
  /** What connections to its own ports go through before there are bytes; undefined: nothing. */
  readonly gate: SocketGate | undefined;
  /** Before `accept` hears of what comes to a port. */
  accept(port: PeerPort, accept: Accept): Accept;
  readonly dialers: Readonly<Record<PeerPort, Dialer>>;
}

export interface PeerTransportOptions extends TransportOptions {
  readonly timers: Timers;
  /** Where the servers of the ensemble are at the moment. */
  readonly memberHosts: () => Iterable<string>;
}

/** @throws ConfigError as above. */
export function peerTransport(config: ServerConfig, options: PeerTransportOptions): PeerTransport {
  const { peerSasl } = config;
  const { dialer, gate } = peerSockets(config, options);
  if (peerSasl === null)
    return { gate, accept: (_port, accept) => accept, dialers: { election: dialer, quorum: dialer } };
  const { log, timers } = options;
  const dialerFor = (port: PeerPort): Dialer => {
    const { self } = peerSasl;
    if (self === null) return dialer;
    const timeoutMs = config.ensemble?.cnxTimeoutMs ?? 0;
    return new PeerSaslDialer(dialer, { self, greeting: GREETINGS[port], timers, timeoutMs, log });
  };
  return {
    gate,
    accept: (port, accept) => acceptBySasl(accept, { config: peerSasl, greeting: GREETINGS[port], log }),
    dialers: { election: dialerFor('election'), quorum: dialerFor('quorum') },
  };
}

const GREETINGS = { election: 'initial-message', quorum: 'none' } as const satisfies Record<
  PeerPort,
  Greeting
>;

function peerSockets(
  { peerTls, file }: ServerConfig,
  options: PeerTransportOptions,
): { readonly dialer: Dialer; readonly gate: SocketGate | undefined } {
  if (peerTls === null) return { dialer: new NodeDialer(), gate: undefined };
  const { log, memberHosts } = options;
  const { checksAcceptedName, checksDialedName, handshakeTimeoutMs, isDialed, takesPlain } = peerTls;
  const keys = openKeys(peerTls, file, options);
  const dialing = new TlsDialing({
    keys,
    checksName: checksDialedName,
    onRefused: ({ host, port }) =>
      log.info(
        'PeerDialer',
        `${host}:${port} closed a connection at once: its log says whether it refuses our certificate`,
      ),
  });
  const onFailed = failuresTo('PeerListener', options);
  const whyWrongName = checksAcceptedName ? wrongNamesBeside(memberHosts) : undefined;
  const secure = new TlsSockets({ config: peerTls, keys, whyWrongName, onFailed });
  const onPlain = (address: string): void => log.info('PeerListener', `${address} comes without TLS`);
  return {
    dialer: new NodeDialer(isDialed ? dialing : null),
    gate: takesPlain
      ? new UnifiedSockets({ secure, timeoutMs: handshakeTimeoutMs, onPlain, onFailed })
      : secure,
  };
}

function failuresTo(component: string, { log }: TransportOptions) {
  return (address: string, why: string): void => log.warn(component, `${address}: ${printable(why)}; closed`);
}

/** Whoever connects says by its certificate which server it is, and need not say from where. */
function wrongNamesBeside(memberHosts: () => Iterable<string>): (socket: TLSSocket) => string | null {
  return (socket) => {
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return 'no certificate';
    const { remoteAddress } = new NodeStream(socket);
    for (const host of [remoteAddress, ...memberHosts()]) if (isForHost(certificate, host)) return null;
    return `its certificate is for ${namesIn(certificate)}: neither for its address nor for the host of a server here`;
  };
}

function openKeys(tls: TlsConfig, file: string, options: TransportOptions): KeyMaterial {
  try {
    return new KeyMaterial(tls, options);
  } catch (error) {
    const { prefix } = tls;
    throw new ConfigError(
      {
        code: 'UNREADABLE',
        file,
        line: null,
        key: `${prefix}keyStore.location`,
        value: tls.keyStore.path,
        expected: `the server's key, or whom it trusts, cannot be read: ${(error as Error).message}`,
        advice: `look at ${prefix}keyStore.* and ${prefix}trustStore.*: the files, their types and their passwords`,
      },
      { cause: error },
    );
  }
}
