import type { Member } from '../../zab/membership.ts';
import type { ServerView } from '../server-view.ts';
import type { JsonValue } from './json-text.ts';

/**
 * What Apache has no command for: who this server is, who belongs to its ensemble, observers too, and who leads, as far as
 * it knows.
 */
export function overview(view: ServerView): Readonly<Record<string, JsonValue>> {
  const { membership, leaderId } = view;
  const roleOf = ({ id, role }: Member): string => {
    if (role === 'observer') return 'observer';
    if (leaderId === null) return 'unknown, no leader';
    return id === leaderId ? 'leader' : 'follower';
  };
  return {
    version: view.config.versionLine,
    server_id: view.serverId,
    is_serving: view.isServing,
    server_state: view.serverState,
    last_zxid: `0x${view.lastProcessedZxid.toString(16)}`,
    members: [...(membership?.members.values() ?? [])].map((member) => ({
      id: member.id,
      role: roleOf(member),
      quorum_address: `${member.quorum.host}:${member.quorum.port}`,
      client_address: member.client === null ? '' : `${member.client.host}:${member.client.port}`,
    })),
  };
}
