import { OpCode } from '../../../server/wire/opcode.ts';
import { writeCreateRequest } from '../../../server/wire/records/create.ts';
import { OPEN_ACL } from '../../client/client.ts';
import { framed, handshake, type Attack } from '../attack.ts';

const CONNECTIONS = 50;

export const drip: Attack = {
  name: 'drip',
  doc: `${CONNECTIONS} clients with sessions that send a large request a byte every 50 ms`,
  run: async ({ socket, count, pause, isOver }) => {
    const request = framed((writer) => {
      writer.int(1);
      writer.int(OpCode.create);
      writeCreateRequest(writer, { path: '/drip', data: new Uint8Array(100_000), acl: OPEN_ACL, flags: 0 });
    });
    const sockets = Array.from({ length: CONNECTIONS }, () => socket());
    for (const connection of sockets) connection.write(handshake());
    for (let at = 0; !isOver(); at++) {
      for (const connection of sockets) {
        if (connection.destroyed) continue;
        connection.write(request.subarray(at % request.length, (at % request.length) + 1));
        count();
      }
      await pause(50);
    }
  },
};
