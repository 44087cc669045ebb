import type { Dialer } from '../../../server/base/ports.ts';
import type { Prng } from '../../../server/base/prng.ts';
import type { FrameDecoder } from '../../../server/wire/frame-decoder.ts';
import { JuteWriter } from '../../../server/wire/jute-writer.ts';
import { OpCode, SpecialXid } from '../../../server/wire/opcode.ts';
import { writeAuthPacket } from '../../../server/wire/records/auth.ts';
import { type ReconfigRequest, writeReconfigRequest } from '../../../server/wire/records/reconfig.ts';
import type { ServerAddress } from '../../client/connect-string.ts';
import { Connection, type ConnectionHandler, type Session } from '../../client/connection.ts';
import type { OpenStream } from '../../client/tcp-stream.ts';
import type { Ghost } from '../ghost/ghost.ts';
import { zx } from '../../model/ghost-tree.ts';
import type { Lifetime } from '../lifetime.ts';
import { EventKind, type SimWorld } from '../sim-world.ts';
import type { Trace } from '../trace.ts';
import { openDialed } from './dialed-stream.ts';

/** The token of who may do everything, in the simulation's servers. */
export const OPERATOR_TOKEN = 'operator';

export interface SimOperatorContext {
  readonly world: SimWorld;
  readonly lifetime: Lifetime;
  readonly dialer: Dialer;
  readonly servers: readonly ServerAddress[];
  readonly prng: Prng;
  readonly ghost: Ghost;
  readonly trace: Trace;
  readonly sessionTimeoutMs: number;
}

/** Somebody who changes the members of the ensemble: one change at a time, each in a session of its own. */
export class SimOperator implements ConnectionHandler {
  readonly #context: SimOperatorContext;
  readonly #open: OpenStream;
  readonly #writer = new JuteWriter(1024);
  #change: ReconfigRequest | null = null;
  #connection: Connection | null = null;

  constructor(context: SimOperatorContext) {
    this.#context = context;
    const { world, lifetime, dialer } = context;
    this.#open = openDialed(dialer, (callback) => {
      world.after(0, EventKind.closed, lifetime, callback);
    });
  }

  /** Asks for it, at any server; nothing happens while an earlier change is not answered. */
  ask(change: ReconfigRequest): void {
    if (this.#connection !== null) return;
    const { servers, sessionTimeoutMs, world, prng } = this.#context;
    this.#change = change;
    this.#connection = new Connection(
      {
        server: servers[prng.below(servers.length)] as ServerAddress,
        sessionTimeoutMs,
        connectTimeoutMs: Math.max(1000, sessionTimeoutMs / 3),
        open: this.#open,
      },
      this,
      world.nowMs,
    );
    this.#tick();
  }

  /** Asks for nothing any more. */
  rest(): void {
    this.#connection?.destroy();
  }

  opened({ id }: Session): void {
    const connection = this.#connection;
    const change = this.#change;
    if (connection === null || change === null) return;
    const { trace, ghost } = this.#context;
    const xid = connection.nextXid();
    this.#frame(SpecialXid.auth, OpCode.auth, (writer) => {
      const auth = Uint8Array.from(OPERATOR_TOKEN, (character) => character.charCodeAt(0));
      writeAuthPacket(writer, { type: 0, scheme: 'digest', auth });
    });
    this.#frame(xid, OpCode.reconfig, (writer) => writeReconfigRequest(writer, change));
    ghost.requests.sent(id, xid, { f: 'reconfig' });
    const { joiningServers, leavingServers, newMembers } = change;
    trace.say('operator', `joining ${joiningServers} leaving ${leavingServers} members ${newMembers}`);
    connection.flush();
  }

  reply(err: number, zxid: number): void {
    const { trace, ghost } = this.#context;
    trace.say('operator', `is told ${err} at ${zx(zxid)}`);
    ghost.marks.hit(err === 0 ? 'reconfig done' : `reconfig refused with ${err}`);
    this.#connection?.destroy();
  }

  specialReply(): void {
    // Its token is never refused.
  }

  watchEvent(_zxid: number, _frames: FrameDecoder): void {
    // It watches nothing.
  }

  turnEnded(): void {
    this.#connection?.flush();
  }

  ended(): void {
    this.#connection = null;
    this.#change = null;
  }

  #frame(xid: number, opcode: number, body: (writer: JuteWriter) => void): void {
    const writer = this.#writer;
    writer.clear();
    const frame = writer.reserveInt();
    writer.int(xid);
    writer.int(opcode);
    body(writer);
    writer.endFrame(frame);
    this.#connection?.output.raw(writer.bytes());
  }

  #tick(): void {
    const { world, lifetime, sessionTimeoutMs } = this.#context;
    if (this.#connection === null) return;
    this.#connection.tick(world.nowMs);
    world.after(sessionTimeoutMs / 8, EventKind.client, lifetime, () => this.#tick());
  }
}
