import { Client } from '../client/client.ts';
import { openSocket, type Battle } from './attack.ts';
import { ATTACKS } from './attacks/index.ts';

// A process of its own, so that what it costs to attack is not taken from who measures. It ends with its parent,
// whose end closes the channel between them.

const [, , host = '', port = '', ...names] = process.argv;
let isOver = false;
const counts = new Map<string, number>();

process.on('disconnect', () => process.exit());
process.on('message', () => {
  isOver = true;
  process.send?.(Object.fromEntries(counts), undefined, {}, () => process.exit());
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

for (const attack of ATTACKS) {
  if (!names.includes(attack.name)) continue;
  counts.set(attack.name, 0);
  const target = { host, port: Number(port) };
  const battle: Battle = {
    ...target,
    isOver: () => isOver,
    client: () => Client.connect({ connectString: `${host}:${port}`, sessionTimeoutMs: 30_000 }),
    socket: () => openSocket(target),
    count: () => void counts.set(attack.name, (counts.get(attack.name) ?? 0) + 1),
    pause,
  };
  // One that is thrown out has had its turn.
  attack.run(battle).catch(() => undefined);
}
