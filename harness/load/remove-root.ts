import { Client } from '../client/client.ts';
import { KeeperError } from '../client/keeper-errors.ts';

const NODE_EXISTS = -110;
const NO_NODE = -101;
const NOT_EMPTY = -111;
/** Deletes in flight at a time. */
const BATCH = 500;

/**
 * Takes away what an earlier load has left below `root`, and `root` itself, and makes sure that what is above it
 * is there: so a history can begin with an empty tree.
 */
export async function removeRoot(connectString: string, root: string): Promise<void> {
  const client = await Client.connect({ connectString });
  try {
    const names = root.split('/').slice(1, -1);
    for (let depth = 1; depth <= names.length; depth++) {
      await ignoring(NODE_EXISTS, client.create(`/${names.slice(0, depth).join('/')}`));
    }
    if ((await client.exists(root)) !== null) await removeTree(client, root);
  } finally {
    await client.close();
  }
}

async function removeTree(client: Client, root: string): Promise<void> {
  const { children } = await client.getChildren(root);
  for (let at = 0; at < children.length; at += BATCH) {
    const batch = children.slice(at, at + BATCH);
    await Promise.all(batch.map((child) => removeNode(client, `${root}/${child}`)));
  }
  await ignoring(NO_NODE, client.delete(root));
}

async function removeNode(client: Client, path: string): Promise<void> {
  try {
    await ignoring(NO_NODE, client.delete(path));
  } catch (error) {
    if (!(error instanceof KeeperError) || error.code !== NOT_EMPTY) throw error;
    await removeTree(client, path);
  }
}

async function ignoring(code: number, request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof KeeperError) || error.code !== code) throw error;
  }
}
