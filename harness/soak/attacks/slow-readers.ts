import { OpCode } from '../../../server/wire/opcode.ts';
import { writeGetDataRequest } from '../../../server/wire/records/get-data.ts';
import { framed, handshake, type Attack } from '../attack.ts';

const CONNECTIONS = 10;
const REQUESTS = 1000;

export const slowReaders: Attack = {
  name: 'slow-readers',
  doc: `${CONNECTIONS} clients that ask for a megabyte a thousand times and read nothing of it`,
  run: async ({ client, socket, count, pause, isOver }) => {
    const owner = await client();
    await owner.create('/large', new Uint8Array(1_000_000)).catch(() => undefined);
    const requests = Array.from({ length: REQUESTS }, (_, xid) =>
      framed((writer) => {
        writer.int(xid + 1);
        writer.int(OpCode.getData);
        writeGetDataRequest(writer, { path: '/large', watch: false });
      }),
    );
    while (!isOver()) {
      const sockets = Array.from({ length: CONNECTIONS }, () => socket());
      for (const connection of sockets) {
        connection.pause();
        connection.write(handshake());
        for (const request of requests) connection.write(request);
        count();
      }
      await pause(5000);
      for (const connection of sockets) connection.destroy();
    }
  },
};
