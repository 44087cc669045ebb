import t from 'tap';
import type { Ensemble, ServerRole } from '../ensemble/ensemble.ts';
import { parseClientPlacement, placeClients } from './client-placement.ts';

function ensembleOf(...roles: readonly (ServerRole | null)[]): Ensemble {
  const servers = roles.map((_, index) => ({ id: index + 1, clientAddress: `h${index + 1}:1` }));
  const connectString = `${servers.map(({ clientAddress }) => clientAddress).join(',')}/root`;
  const byId = new Map(roles.map((role, index) => [index + 1, role]));
  return { servers, connectString, roles: async () => byId } as unknown as Ensemble;
}

async function placed(text: string, ensemble: Ensemble): Promise<string> {
  const { connectString, firstServers } = await placeClients(
    parseClientPlacement(text, ensemble.servers.length),
    ensemble,
  );
  return `${firstServers.join()} of ${connectString}`;
}

const three = ensembleOf('follower', 'leader', 'follower');

await t.test(
  'clients begin where they are told and may go to every server, unless they are pinned',
  async (t) => {
    t.equal(await placed('spread', three), '0,1,2 of h1:1,h2:1,h3:1/root');
    t.equal(await placed('leader', three), '1 of h1:1,h2:1,h3:1/root');
    t.equal(await placed('followers', three), '0,2 of h1:1,h2:1,h3:1/root');
    t.equal(await placed('pinned:3', three), '0 of h3:1/root');
    t.equal(await placed('pinned:1', ensembleOf('standalone')), '0 of h1:1/root');
  },
);

await t.test('what cannot be is refused', async (t) => {
  t.throws(() => parseClientPlacement('pinned:4', 3), { message: /no server 4; give one from 1 to 3/ });
  t.throws(() => parseClientPlacement('pinned:0', 3), { message: /no server 0/ });
  t.throws(() => parseClientPlacement('pinned', 3), { message: /--clients pinned: give spread, leader/ });
  t.throws(() => parseClientPlacement('leader', 1), { message: /on its own/ });
  await t.rejects(placed('leader', ensembleOf('follower', null)), { message: /says that it is a leader/ });
});
