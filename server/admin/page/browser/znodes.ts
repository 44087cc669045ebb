import { textIn } from './admin-api.ts';
import { dataText } from './data-text.ts';
import { byId, element, setText, showTable } from './dom.ts';
import { formatLong } from './format.ts';
import { type Znode, ZnodeApi } from './znode-api.ts';
import { ZnodeEditor } from './znode-editor.ts';

const CHILDREN_MAX = 200;
const LONGS: ReadonlySet<string> = new Set(['czxid', 'mzxid', 'pzxid', 'ephemeralOwner']);
const TIMES: ReadonlySet<string> = new Set(['ctime', 'mtime']);

/** Where the server has them. */
export function offerZnodes(): void {
  if (document.getElementById('place') !== null) new ZnodeBrowser().listen();
}

/** A look at one znode after the other, as nobody in particular or as the user that was named. */
class ZnodeBrowser {
  readonly #api = new ZnodeApi();
  readonly #editor: ZnodeEditor | null;
  #path = '/';
  #looks = 0;

  constructor() {
    this.#editor =
      document.getElementById('editor') === null
        ? null
        : new ZnodeEditor(this.#api, (path, done) => this.#open(path, done));
  }

  listen(): void {
    onSubmit('place', () => this.#open(valueOf('path')));
    onSubmit('identity', () => this.#identify());
    byId('forget').addEventListener('click', () => this.#forget());
    byId('up').addEventListener('click', () => {
      void this.#open(this.#path.replace(/\/[^/]*$/, '') || '/');
    });
  }

  async #identify(): Promise<void> {
    const user = valueOf('user');
    this.#api.be(user, valueOf('password'));
    inputOf('password').value = '';
    setText('whoami', `You see what ${user} may.`);
    await this.#open(this.#path);
  }

  #forget(): void {
    this.#api.beNobody();
    inputOf('user').value = '';
    inputOf('password').value = '';
    setText('whoami', 'You see what everybody may.');
    void this.#open(this.#path);
  }

  /** `done`: what was done just now, to be said beside what it is like then. */
  async #open(path: string, done = ''): Promise<void> {
    this.#path = path;
    inputOf('path').value = path;
    const look = ++this.#looks;
    try {
      const znode = await this.#api.read(path);
      // Somebody else looks by now, or at something else.
      if (look !== this.#looks) return;
      this.#show(znode);
      setText('znode-status', [done, path].filter((part) => part !== '').join(' '));
    } catch (error) {
      if (look !== this.#looks) return;
      this.#clear();
      setText(
        'znode-status',
        [done, `${path}: ${(error as Error).message}`].filter((part) => part !== '').join(' '),
      );
    }
  }

  #show(znode: Znode): void {
    const { children, data, stat } = znode;
    byId('children').replaceChildren(
      element('p', { class: 'note' }, countText(children.length)),
      ...children.slice(0, CHILDREN_MAX).map((name) => this.#link(znode.path, name)),
    );
    byId('znode-data').replaceChildren(element('pre', {}, dataText(data)));
    showTable('znode-stat', {
      caption: 'Stat',
      headings: ['Field', 'Value'],
      rows: Object.keys(stat)
        .filter((name) => !['path', 'uri', 'data64'].includes(name))
        .map((name) => [name, statText(name, textIn(stat, name))]),
    });
    this.#editor?.show(znode);
  }

  #link(parent: string, name: string): HTMLElement {
    const path = parent === '/' ? `/${name}` : `${parent}/${name}`;
    const link = element('button', { type: 'button', class: 'child' }, name);
    link.addEventListener('click', () => void this.#open(path));
    return link;
  }

  #clear(): void {
    for (const id of ['children', 'znode-data', 'znode-stat']) byId(id).replaceChildren();
    this.#editor?.hide();
  }
}

/** Nothing is ever sent by the browser itself. */
function onSubmit(id: string, run: () => Promise<void>): void {
  byId(id).addEventListener('submit', (event) => {
    event.preventDefault();
    void run();
  });
}

function inputOf(id: string): HTMLInputElement {
  return byId(id) as HTMLInputElement;
}

function valueOf(id: string): string {
  return inputOf(id).value;
}

function countText(count: number): string {
  if (count === 0) return 'No children';
  const all = count === 1 ? '1 child' : `${count} children`;
  return count > CHILDREN_MAX ? `The first ${CHILDREN_MAX} of ${all}` : all;
}

function statText(name: string, value: string): string {
  if (LONGS.has(name)) return formatLong(value);
  return TIMES.has(name) ? new Date(Number(value)).toISOString() : value;
}
