import { HOST } from './config-value.ts';

export type PeerType = 'participant' | 'observer';

/** One address of a server among the others. */
export interface QuorumAddress {
  readonly host: string;
  readonly quorumPort: number;
  readonly electionPort: number;
}

/** `server.N=host:quorumPort:electionPort[:role][|…][;[clientHost:]clientPort]` (protocol §5.4). */
export interface ServerLine {
  readonly serverId: number;
  /** More than one only with multiAddress.enabled. Never empty. */
  readonly addresses: readonly QuorumAddress[];
  readonly peerType: PeerType;
  readonly client: { readonly host: string; readonly port: number } | null;
}

/** Top byte of every session id; 0xff is reserved for the owners of TTL nodes (protocol §1.3). */
export const SERVER_ID_MAX = 254;

/** Returns the line, or in words what is wrong with it. */
export function parseServerLine(key: string, value: string): ServerLine | string {
  const serverId = Number(/^server\.(\d{1,3})$/.exec(key)?.[1] ?? Number.NaN);
  if (!(serverId <= SERVER_ID_MAX)) return `the id behind "server." must be 0 to ${SERVER_ID_MAX}`;

  const [quorumPart = '', clientPart, ...rest] = value.split(';');
  if (rest.length > 0) return 'a second ";" (a TLS client port) is not supported';
  const client = clientPart === undefined ? null : parseClient(clientPart.trim());
  if (client === undefined) return 'behind ";" stands a port or host:port for clients';

  const addresses: QuorumAddress[] = [];
  let peerType: PeerType = 'participant';
  for (const text of quorumPart.split('|')) {
    const parsed = parseAddress(text.trim());
    if (parsed === undefined) {
      return 'must be host:quorumPort:electionPort[:participant|:observer][;clientPort]';
    }
    if (parsed.address.quorumPort === parsed.address.electionPort) {
      return 'the quorum port and the election port must differ';
    }
    addresses.push(parsed.address);
    peerType = parsed.peerType ?? peerType;
  }
  return { serverId, addresses, peerType, client };
}

interface ParsedAddress {
  readonly address: QuorumAddress;
  readonly peerType: PeerType | undefined;
}

function parseAddress(text: string): ParsedAddress | undefined {
  const match = /^(\[[0-9a-fA-F:.%]+\]|[^:[\]]+):(\d{1,5}):(\d{1,5})(?::(\w+))?$/.exec(text);
  const host = HOST.parse(match?.[1] ?? '');
  const quorumPort = portOf(match?.[2]);
  const electionPort = portOf(match?.[3]);
  if (host === undefined || quorumPort === undefined || electionPort === undefined) return undefined;
  const role = match?.[4]?.toLowerCase();
  if (role !== undefined && role !== 'participant' && role !== 'observer') return undefined;
  return { address: { host, quorumPort, electionPort }, peerType: role };
}

function parseClient(text: string): ServerLine['client'] | undefined {
  const match = /^(?:(\[[0-9a-fA-F:.%]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text);
  const host = HOST.parse(match?.[1] ?? '0.0.0.0');
  const port = portOf(match?.[2]);
  return host === undefined || port === undefined ? undefined : { host, port };
}

function portOf(digits: string | undefined): number | undefined {
  const port = Number(digits);
  return port >= 1 && port <= 65535 ? port : undefined;
}
