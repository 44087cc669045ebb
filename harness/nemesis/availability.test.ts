import t from 'tap';
import { type FieldFacts, whyUnavailable } from './availability.ts';
import { FAULTS } from './faults.ts';

function factsOf(areContainers: boolean): FieldFacts {
  const servers = [1, 2, 3].map((id) => ({
    id,
    program: 'stampede',
    isObserver: false,
    takesPreload: !areContainers,
  }));
  return { servers, config: {}, areContainers };
}

await t.test('containers can be ended and frozen, and nothing else can be done to them', async (t) => {
  const possible = [...FAULTS.values()].filter((fault) => whyUnavailable(fault, factsOf(true)) === null);
  t.same(
    possible.map(({ name }) => name),
    [
      'kill-any',
      'kill-leader',
      'kill-follower',
      'kill-minority',
      'kill-majority',
      'kill-all',
      'pause-leader',
      'pause-follower',
      'pause-minority',
      'rolling-restart',
    ],
  );
  const REFUSED: readonly (readonly [fault: string, needs: string])[] = [
    ['slow-flush', "modules in the servers' processes"],
    ['bit-flip-in-log', "the servers' files"],
    ['isolate-leader', 'proxies between the servers'],
  ];
  for (const [name, needs] of REFUSED) {
    const fault = FAULTS.get(name);
    t.ok(fault !== undefined);
    if (fault === undefined) continue;
    t.match(
      whyUnavailable(fault, factsOf(true)),
      `${name} needs ${needs}, and these servers are in containers; choose kill-…, pause-… or rolling-restart`,
    );
    t.equal(whyUnavailable(fault, factsOf(false)), null);
  }
});
