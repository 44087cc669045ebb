import { NO_SESSION } from '../../base/session-id.ts';
import type { Zxid } from '../../base/zxid.ts';
import { JuteWriter } from '../../wire/jute-writer.ts';
import { OpCode } from '../../wire/opcode.ts';
import { writeTxnEntry } from '../../wire/txns/txn-entry.ts';
import { createMembership, type Member, type Membership } from '../membership.ts';
import { hostOf, id } from './test-membership.ts';

/** Participants by their ids, observers by theirs. */
export function ensembleOf(
  voters: readonly number[],
  options: { readonly observers?: readonly number[]; readonly version?: number } = {},
): Membership {
  const { observers = [], version = 0 } = options;
  const members = [
    ...voters.map((voter) => memberOf(voter, 'participant')),
    ...observers.map((observer) => memberOf(observer, 'observer')),
  ];
  return createMembership({ members, version });
}

function memberOf(server: number, role: Member['role']): Member {
  return {
    id: id(server),
    quorum: { host: hostOf(server), port: 2888 },
    election: { host: hostOf(server), port: 3888 },
    client: { host: '0.0.0.0', port: 2181 },
    role,
  };
}

/** As it stands in the log, and in a PROPOSAL. */
export function reconfigEntry(zxid: Zxid, { text }: Membership): Uint8Array {
  const data = Uint8Array.from(text, (character) => character.charCodeAt(0));
  const writer = new JuteWriter();
  writeTxnEntry(writer, {
    header: { clientId: NO_SESSION, cxid: 1, zxid, time: 1, type: OpCode.reconfig },
    txn: { type: OpCode.reconfig, path: '/zookeeper/config', data, version: -1 },
    digest: null,
  });
  return writer.bytes().slice();
}
