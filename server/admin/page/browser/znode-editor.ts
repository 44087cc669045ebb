import { textIn } from './admin-api.ts';
import { textOf } from './data-text.ts';
import { byId, setText } from './dom.ts';
import type { Znode, ZnodeApi } from './znode-api.ts';

/** Where to look after a change, and what to say of it. */
export type Changed = (path: string, done: string) => Promise<void>;

/**
 * Changes the znode that is shown. Only for somebody in particular, and only from the version that was seen: what another
 * has written meanwhile is not overwritten.
 */
export class ZnodeEditor {
  readonly #api: ZnodeApi;
  #znode: Znode | null = null;

  constructor(api: ZnodeApi, changed: Changed) {
    this.#api = api;
    byId('editor').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#run(async ({ path, stat }) => {
        await api.set(path, this.#text, textIn(stat, 'version'));
        await changed(path, 'Set.');
      });
    });
    byId('create').addEventListener('click', () => {
      this.#run(async ({ path }) => {
        const child = (byId('child') as HTMLInputElement).value;
        await api.create(path, child, this.#text);
        await changed(path, `Created ${child}.`);
      });
    });
    byId('delete').addEventListener('click', () => {
      this.#run(async ({ path, stat }) => {
        await api.delete(path, textIn(stat, 'version'));
        await changed(path.replace(/\/[^/]*$/, '') || '/', `Deleted ${path}.`);
      });
    });
  }

  show(znode: Znode): void {
    const text = textOf(znode.data);
    this.#znode = znode;
    byId('editor').hidden = !this.#api.isSomebody;
    (byId('edit') as HTMLTextAreaElement).value = text ?? '';
    // Bytes that are no text would come back as others.
    (byId('set') as HTMLButtonElement).disabled = text === null;
  }

  hide(): void {
    this.#znode = null;
    byId('editor').hidden = true;
  }

  get #text(): string {
    return (byId('edit') as HTMLTextAreaElement).value;
  }

  #run(change: (znode: Znode) => Promise<void>): void {
    const znode = this.#znode;
    if (znode === null) return;
    change(znode).catch((error: Error) => setText('znode-status', `${znode.path}: ${error.message}`));
  }
}
