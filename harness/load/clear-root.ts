import { Client } from '../client/client.ts';
import { KeeperError } from '../client/keeper-errors.ts';

const NODE_EXISTS = -110;
const NO_NODE = -101;
/** Deletes in flight at a time. */
const BATCH = 500;

/**
 * Makes sure that the load's root is there and has no children, so that the history can begin with an empty tree.
 * Only children are deleted, as a load makes nothing deeper.
 */
export async function clearRoot(connectString: string, root: string): Promise<void> {
  const client = await Client.connect({ connectString });
  try {
    await createPath(client, root);
    const { children } = await client.getChildren(root);
    for (let at = 0; at < children.length; at += BATCH) {
      const batch = children.slice(at, at + BATCH);
      await Promise.all(batch.map((child) => ignoring(NO_NODE, client.delete(`${root}/${child}`))));
    }
  } finally {
    await client.close();
  }
}

async function createPath(client: Client, path: string): Promise<void> {
  const names = path.split('/').slice(1);
  for (let depth = 1; depth <= names.length; depth++) {
    await ignoring(NODE_EXISTS, client.create(`/${names.slice(0, depth).join('/')}`));
  }
}

async function ignoring(code: number, request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof KeeperError) || error.code !== code) throw error;
  }
}
