import type { SimNode } from '../sim-node.ts';
import { anyOf, type Fault, logUniform, type Victims } from './fault.ts';

function running(victims: Victims): SimNode[] {
  return victims.nodes.filter(({ state }) => state !== 'down');
}

export function startLater(node: SimNode, { later, say, marks }: Victims, delayMs: number): void {
  later(delayMs, () => {
    if (node.state !== 'down') return;
    say(`starts server ${node.id}`);
    marks.hit('restart');
    node.start();
  });
}

export const kill: Fault = {
  name: 'kill',
  fire: (victims, prng) => {
    const node = anyOf(running(victims), prng);
    if (node === undefined) return;
    victims.say(`kills server ${node.id}`);
    victims.marks.hit('kill');
    node.kill();
    startLater(node, victims, victims.tickMs * logUniform(prng, 0.05, 20));
  },
};

export const powerCut: Fault = {
  name: 'powerCut',
  fire: (victims, prng) => {
    // Sometimes the whole rack.
    const some = prng.next() < 0.15 ? victims.nodes : [anyOf(victims.nodes, prng)];
    for (const node of some) {
      if (node === undefined) continue;
      victims.say(`cuts the power of server ${node.id}`);
      victims.marks.hit('power cut');
      node.cutPower();
      startLater(node, victims, victims.tickMs * logUniform(prng, 0.05, 20));
    }
  },
};

export const pause: Fault = {
  name: 'pause',
  fire: (victims, prng) => {
    const node = anyOf(
      victims.nodes.filter(({ state }) => state === 'up'),
      prng,
    );
    if (node === undefined) return;
    victims.say(`stops server ${node.id}`);
    victims.marks.hit('pause');
    node.pause();
    victims.later(victims.tickMs * logUniform(prng, 0.2, 30), () => {
      victims.say(`lets server ${node.id} go on`);
      node.resume();
    });
  },
};

export const clockJump: Fault = {
  name: 'clockJump',
  fire: (victims, prng) => {
    const node = anyOf(victims.nodes, prng);
    if (node === undefined) return;
    const hours = (prng.next() - 0.5) * (prng.next() < 0.2 ? 20_000 : 2);
    victims.say(`sets the clock of server ${node.id} by ${hours.toFixed(2)} hours`);
    victims.marks.hit('clock jump');
    node.clock.jump(Math.round(hours * 3_600_000));
  },
};
