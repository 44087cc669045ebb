import type { ServerId } from '../../server/base/server-id.ts';
import type { ReconfigCoreConfig } from '../../server/ensemble/core-config.ts';
import { ConfigurationFiles } from '../../server/storage/configuration-files.ts';
import { parseConfigText } from '../../server/zab/config-text.ts';
import { createMembership, type Member, type Membership } from '../../server/zab/membership.ts';
import { formatServerLine } from '../../server/zab/server-line.ts';
import { CLIENT_PORT, CONFIG_FILE, ELECTION_PORT, QUORUM_PORT } from './places.ts';
import type { SimDisk } from './sim-disk.ts';
import type { SimNode } from './sim-node.ts';
import type { SwarmConfig } from './swarm.ts';

export type Role = Member['role'];

function memberOf(id: number, role: Role): Member {
  const host = `10.0.0.${id}`;
  return {
    id: id as ServerId,
    quorum: { host, port: QUORUM_PORT },
    election: { host, port: ELECTION_PORT },
    role,
    client: { host, port: CLIENT_PORT },
  };
}

/** As an operator would write it. */
export function memberLine(id: number, role: Role): string {
  return formatServerLine(memberOf(id, role));
}

/** Those that the ensemble begins with, the first ones. */
export function firstMembers({ voters, observers }: SwarmConfig): Membership {
  return createMembership({
    members: Array.from({ length: voters + observers }, (_, i) =>
      memberOf(i + 1, i < voters ? 'participant' : 'observer'),
    ),
  });
}

/** As an operator writes it down on a machine that is new. */
export function writeMembers(disk: SimDisk, { text }: Membership): void {
  const lines = text.replace(/version=.*$/, '');
  disk.writeBytes(
    CONFIG_FILE,
    Uint8Array.from(lines, (character) => character.charCodeAt(0)),
  );
}

/**
 * Who belongs to the ensemble as far as its disk says, which is what a server is started with. Where it does not belong
 * itself, because it never did or was taken out, the operator has written down that it wants to.
 */
export function membersOn(
  { id, disk }: SimNode,
  config: SwarmConfig,
): { readonly membership: Membership; readonly reconfig: ReconfigCoreConfig | null } {
  if (config.spares === null) return { membership: firstMembers(config), reconfig: null };
  const written = textOf(disk, CONFIG_FILE) ?? '';
  const [, file] = /^dynamicConfigFile=(.*)$/m.exec(written) ?? [];
  const found =
    file === undefined
      ? parseConfigText(written)
      : parseConfigText(`${textOf(disk, file)}\nversion=${file.replace(/^.*\./, '')}`);
  const membership = found.members.has(id as ServerId)
    ? found
    : createMembership({ members: [...found.members.values(), memberOf(id, 'participant')] });
  const next = file === undefined ? null : textOf(disk, `${CONFIG_FILE}.dynamic.next`);
  const lastSeen = next === null ? null : parseConfigText(next);
  return { membership, reconfig: { files: new ConfigurationFiles(CONFIG_FILE), lastSeen, votersMin: 2 } };
}

function textOf(disk: SimDisk, path: string): string | null {
  return disk.paths().includes(path) ? Buffer.from(disk.readBytes(path)).toString() : null;
}
