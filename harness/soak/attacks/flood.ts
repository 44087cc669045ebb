import { handshake, type Attack } from '../attack.ts';

const PER_ROUND = 20;

export const flood: Attack = {
  name: 'flood',
  doc: 'connections by the hundred a second, each with a new session and gone at once',
  run: async ({ socket, count, pause, isOver }) => {
    while (!isOver()) {
      for (let i = 0; i < PER_ROUND; i++) {
        const connection = socket();
        connection.write(handshake());
        connection.once('data', () => connection.destroy());
        count();
      }
      await pause(100);
    }
  },
};
