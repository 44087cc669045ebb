import { bracketed, canonicalHost, formatEndpoint, parseHost } from '../base/host.ts';
import type { Endpoint } from '../base/ports.ts';
import type { ServerId } from '../base/server-id.ts';
import type { Member } from './membership.ts';

/**
 * Apache starts with any id, but the top byte of a session id is all there is room for: server 256 would hand out
 * the session ids of server 0. 255 is reserved for the owners of TTL nodes (protocol §1.3).
 */
export const SERVER_ID_MAX = 254;

/** Apache reads ids as Java numbers do: `01` and `+1` are 1. */
export function parseServerId(text: string): ServerId | undefined {
  const id = /^\+?\d{1,18}$/.test(text) ? Number(text) : Number.NaN;
  return id <= SERVER_ID_MAX ? (id as ServerId) : undefined;
}

/**
 * `server.N=host:quorumPort:electionPort[:role][;[clientHost:]clientPort]` (protocol §5.4). Returns the member, or
 * in words what is wrong with the line.
 */
export function parseServerLine(key: string, value: string): Member | string {
  const id = parseServerId(key.replace(/^server\./, ''));
  if (id === undefined) return `the id behind "server." must be 0 to ${SERVER_ID_MAX}`;

  const [addressText = '', clientText, ...rest] = value.split(';');
  if (rest.length > 0) return 'a second ";" (a TLS client port) is not supported';
  if (hasSeveralAddresses(value)) return 'several addresses for one server ("|") are not supported yet';
  const client = clientText === undefined ? null : parseClient(clientText.trim());
  if (client === undefined) return 'behind ";" stands a port or host:port for clients';

  const address = parseAddress(addressText.trim());
  if (address === undefined)
    return 'must be host:quorumPort:electionPort[:participant|:observer][;clientPort]';
  const { quorum, election, role } = address;
  if (quorum.port === election.port) return 'the quorum port and the election port must differ';
  return { id, quorum, election, role, client };
}

/** As `multiAddress.enabled` allows it. */
export function hasSeveralAddresses(value: string): boolean {
  return value.includes('|');
}

/** As Apache prints it, with hosts as Java prints them. */
export function formatServerLine({ id, quorum, election, role, client }: Member): string {
  const address = `${bracketed(canonicalHost(quorum.host))}:${quorum.port}:${election.port}:${role}`;
  const clientPart =
    client === null ? '' : `;${formatEndpoint({ host: canonicalHost(client.host), port: client.port })}`;
  return `server.${id}=${address}${clientPart}`;
}

function parseAddress(text: string): Pick<Member, 'quorum' | 'election' | 'role'> | undefined {
  const match = /^(\[[0-9a-fA-F:.%]+\]|[^:[\]]+):(\d{1,5}):(\d{1,5})(?::\s*(\w+))?$/.exec(text);
  const host = parseHost(match?.[1] ?? '');
  const quorumPort = portOf(match?.[2]);
  const electionPort = portOf(match?.[3]);
  const role = match?.[4]?.toLowerCase() ?? 'participant';
  if (host === undefined || quorumPort === undefined || electionPort === undefined) return undefined;
  if (role !== 'participant' && role !== 'observer') return undefined;
  return { quorum: { host, port: quorumPort }, election: { host, port: electionPort }, role };
}

function parseClient(text: string): Endpoint | undefined {
  const match = /^(?:(\[[0-9a-fA-F:.%]+\]|[^:[\]]+):)?(\d{1,5})$/.exec(text);
  const host = parseHost(match?.[1] ?? '0.0.0.0');
  const port = portOf(match?.[2]);
  return host === undefined || port === undefined ? undefined : { host, port };
}

function portOf(digits: string | undefined): number | undefined {
  const port = Number(digits);
  return port >= 1 && port <= 65535 ? port : undefined;
}
