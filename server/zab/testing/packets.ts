import type { ServerId } from '../../base/server-id.ts';
import type { Epoch, Zxid } from '../../base/zxid.ts';
import { makeZxid } from '../../base/zxid.ts';
import { JuteWriter } from '../../wire/jute-writer.ts';
import { writeAckEpoch } from '../../wire/quorum/ack-epoch.ts';
import type { AuthId } from '../../wire/quorum/auth-id.ts';
import { writeForwardedRequest, type ForwardedRequest } from '../../wire/quorum/forwarded-request.ts';
import { writeLeaderInfo } from '../../wire/quorum/leader-info.ts';
import { PROTOCOL_VERSION, writeLearnerInfo } from '../../wire/quorum/learner-info.ts';
import { writeNewLeader } from '../../wire/quorum/new-leader.ts';
import { PacketDecoder } from '../../wire/quorum/packet-decoder.ts';
import { beginPacket, endPacket, NO_ZXID, PacketType, writePacket } from '../../wire/quorum/quorum-packet.ts';
import { SnapshotStreamReader, SnapshotStreamWriter } from '../../wire/quorum/snapshot-stream.ts';
import type { SnapshotView } from '../replica.ts';

export interface Packet {
  /** The name of the type, as in `PacketType`. */
  readonly type: string;
  readonly zxid: Zxid;
  readonly data: Uint8Array | null;
}

const NAMES = new Map<number, string>(Object.entries(PacketType).map(([name, type]) => [type, name]));
const LIMIT = 4 << 20;

/** Makes packets of what one end of a connection has written, whatever the pieces, snapshots included. */
export class PacketReader {
  readonly #decoder = new PacketDecoder(LIMIT);
  #snapshot: SnapshotStreamReader | null = null;
  /** Paths of the nodes of the snapshot that came last. */
  readonly snapshotPaths: string[] = [];

  read(bytes: Uint8Array): Packet[] {
    const packets: Packet[] = [];
    let rest: Uint8Array | null = bytes;
    if (this.#snapshot !== null) {
      rest = this.#snapshot.push(bytes);
      if (rest === null) return packets;
      this.#snapshot = null;
    }
    this.#decoder.push(rest);
    while (this.#decoder.next()) {
      const { type, zxid, data } = this.#decoder;
      packets.push({ type: NAMES.get(type) ?? `type ${type}`, zxid, data: data?.slice() ?? null });
      if (type !== PacketType.snap) continue;
      this.#snapshot = new SnapshotStreamReader(
        {
          onSnapshotSession: () => undefined,
          onSnapshotAcl: () => undefined,
          onSnapshotNode: (path) => this.snapshotPaths.push(path),
        },
        LIMIT,
      );
      packets.push(...this.read(this.#decoder.takeRest()));
      return packets;
    }
    this.#decoder.keep();
    return packets;
  }
}

/** `diff 0x1`: enough to say what came. */
export function names(packets: readonly Packet[]): string[] {
  return packets.map(({ type, zxid }) => `${type} ${zxid < 0 ? '-' : `0x${zxid.toString(16)}`}`);
}

export function packet(
  type: keyof typeof PacketType,
  zxid: number,
  data: Uint8Array | null = null,
  authinfo: readonly AuthId[] | null = null,
): Uint8Array {
  const writer = new JuteWriter();
  writePacket(writer, PacketType[type], zxid as Zxid, data, authinfo);
  return writer.bytes().slice();
}

function built(
  type: keyof typeof PacketType,
  zxid: number,
  write: (writer: JuteWriter) => void,
  authinfo: readonly AuthId[] | null = null,
): Uint8Array {
  const writer = new JuteWriter();
  const begun = beginPacket(writer, PacketType[type], zxid as Zxid);
  write(writer);
  endPacket(writer, begun, authinfo);
  return writer.bytes().slice();
}

export interface InfoOptions {
  readonly accepted?: number;
  readonly isObserver?: boolean;
  readonly configVersion?: number;
  readonly protocolVersion?: number | null;
}

export function infoPacket(serverId: number, options: InfoOptions = {}): Uint8Array {
  const { accepted = 0, isObserver = false, configVersion = 0, protocolVersion = PROTOCOL_VERSION } = options;
  return built(isObserver ? 'observerInfo' : 'followerInfo', makeZxid(accepted, 0), (writer) =>
    writeLearnerInfo(writer, { serverId: serverId as ServerId, protocolVersion, configVersion }),
  );
}

/** `currentEpoch` null: it had accepted the epoch before. */
export function ackEpochPacket(lastLogged: number, currentEpoch: number | null): Uint8Array {
  return built('ackEpoch', lastLogged, (writer) =>
    writeAckEpoch(writer, { currentEpoch: currentEpoch as Epoch | null }),
  );
}

export function leaderInfoPacket(epoch: number): Uint8Array {
  return built('leaderInfo', makeZxid(epoch, 0), (writer) =>
    writeLeaderInfo(writer, { protocolVersion: PROTOCOL_VERSION }),
  );
}

export function newLeaderPacket(epoch: number, configText = 'version=0'): Uint8Array {
  const writer = new JuteWriter();
  writeNewLeader(writer, makeZxid(epoch, 0), configText);
  return writer.bytes().slice();
}

export function requestPacket(
  request: ForwardedRequest,
  authinfo: readonly AuthId[] | null = null,
): Uint8Array {
  return built('request', NO_ZXID, (writer) => writeForwardedRequest(writer, request), authinfo);
}

/** SNAP and what is behind it, as a leader sends them. */
export function snapPacket(view: SnapshotView): Uint8Array {
  const writer = new JuteWriter();
  writePacket(writer, PacketType.snap, view.zxid, null);
  const stream = new SnapshotStreamWriter(view);
  while (!stream.writeSlice(writer, 1 << 16));
  return writer.bytes().slice();
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
