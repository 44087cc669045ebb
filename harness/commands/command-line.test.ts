import t from 'tap';
import { replayCommand } from './command-line.ts';

await t.test('what does a run again has its seed, also where that was drawn', async (t) => {
  t.equal(replayCommand({ command: ['bench'], seed: 7 }), 'npm run bench -- --seed 7');
  const plan = ['chaos', '--plan', 'kill-leader every 5 s'];
  t.equal(
    replayCommand({ command: plan, seed: 7 }),
    `npm run chaos -- --plan 'kill-leader every 5 s' --seed 7`,
  );
  t.equal(
    replayCommand({ command: ['bench', '--seed', '9', '--out', 'a'], seed: 9 }),
    'npm run bench -- --seed 9 --out a',
  );
  t.equal(replayCommand({ command: ['chaos', '--seed=9'], seed: 9 }), 'npm run chaos -- --seed=9');
});
