import { Client } from '../../client/client.ts';
import { KeeperError, NoSessionError } from '../../client/keeper-errors.ts';
import { EnsembleError } from '../../ensemble/ensemble.ts';
import { waitUntil } from '../../ensemble/wait-until.ts';
import type { Fault } from '../fault.ts';
import { type Field, processServerOf } from '../field.ts';
import { NoEffectError } from '../no-effect.ts';
import { proveServing } from '../proofs.ts';
import { victimsFault } from '../victims-fault.ts';

/** A change of the members needs somebody who may do everything: `super:test`, as its digest is in the configuration. */
const SUPER = 'super:test';
const SUPER_DIGEST = 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=';
const CONFIG_PATH = '/zookeeper/config';
const CHANGE_TIMEOUT_MS = 60_000;

/** A member is taken out of the ensemble by a reconfig, and added again by another. It serves on all the while. */
export const reconfigOutAndIn: Fault = victimsFault({
  name: 'reconfig-out-and-in',
  doc: 'a member is removed by a reconfig, and added again at the end',
  needs: {
    serversMin: 3,
    files: true,
    config: { reconfigEnabled: 'true', 'DigestAuthenticationProvider.superDigest': SUPER_DIGEST },
  },
  effect: 'disturbed',
  toll: 'servers',
  exclusive: 'members',
  lasts: { minMs: 500, maxMs: 5_000 },
  target: 'follower',
  targets: ['leader', 'follower'],
  done: () => 'taken out of the ensemble',
  strike({ field, ids }) {
    const [id] = ids;
    if (id === undefined || ids.length > 1) return null;
    const line = processServerOf(field, id).reconfigLine;
    let isOut = false;
    return {
      async inject() {
        isOut = true;
        await change(field, { id, isMember: false, request: { leavingServers: String(id) } }, field.signal);
      },
      async proveActive() {
        const config = await configOf(field, id);
        if (hasMember(config, id))
          throw new NoEffectError(`server ${id} is still a member, version ${versionOf(config)}`);
        return `of version ${versionOf(config)} server ${id} is no member`;
      },
      async heal(signal) {
        if (!isOut || signal.aborted) return;
        isOut = false;
        await change(field, { id, isMember: true, request: { joiningServers: line } }, signal);
      },
      async proveHealed() {
        const config = await configOf(field, id);
        if (!hasMember(config, id))
          throw new NoEffectError(`server ${id} is no member, version ${versionOf(config)}`);
        return `of version ${versionOf(config)} server ${id} is a member again; ${await proveServing(field, [id])}`;
      },
    };
  },
});

interface Change {
  readonly id: number;
  readonly isMember: boolean;
  readonly request: Parameters<Client['reconfig']>[0];
}

/** Asks for it until it is so: who is asked may go over to another leader before it can answer. */
async function change(field: Field, { id, isMember, request }: Change, signal: AbortSignal): Promise<void> {
  let refusal = '';
  const isSo = async (): Promise<boolean> => {
    try {
      return await withClient(field, id, async (client) => {
        if (hasMember(await readConfig(client), id) === isMember) return true;
        await client.addAuth('digest', SUPER);
        await client.reconfig(request);
        return hasMember(await readConfig(client), id) === isMember;
      });
    } catch (error) {
      if (!(error instanceof KeeperError) && !(error instanceof NoSessionError)) throw error;
      refusal = error.message;
      return false;
    }
  };
  const end = await waitUntil(isSo, { timeoutMs: CHANGE_TIMEOUT_MS, signal });
  if (end !== 'timeout') return;
  const what = `server ${id} is ${isMember ? 'no member again' : 'still a member'}, last refused with: ${refusal}`;
  if (isMember) throw new EnsembleError(what);
  throw new NoEffectError(what);
}

/** By way of the others: whoever leaves may be behind for a moment. */
async function withClient<T>(
  { ensemble }: Field,
  id: number,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const others = ensemble.servers.filter((server) => server.id !== id);
  const client = await Client.connect({
    connectString: others.map(({ clientAddress }) => clientAddress).join(','),
  });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

function configOf(field: Field, id: number): Promise<string> {
  return withClient(field, id, readConfig);
}

/** As committed: the server that is asked has it behind everything before. */
async function readConfig(client: Client): Promise<string> {
  await client.sync(CONFIG_PATH);
  return Buffer.from((await client.getData(CONFIG_PATH)).data ?? []).toString();
}

function hasMember(config: string, id: number): boolean {
  return new RegExp(`^server\\.${id}=`, 'm').test(config);
}

function versionOf(config: string): string {
  return /^version=(\w+)$/m.exec(config)?.[1] ?? 'none';
}
