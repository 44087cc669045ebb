import { handshake, type Attack } from '../attack.ts';

export const garbage: Attack = {
  name: 'garbage',
  doc: 'bytes that are no protocol, before and after a handshake',
  run: async ({ socket, count, pause, isOver }) => {
    for (let n = 0; !isOver(); n++) {
      const connection = socket();
      if (n % 2 === 0) connection.write(handshake());
      connection.write(Uint8Array.from({ length: 2000 }, (_, i) => (i * 7919 + n * 104_729) >>> 3));
      setTimeout(() => connection.destroy(), 1000).unref();
      count();
      await pause(20);
    }
  },
};
