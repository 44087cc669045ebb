import { type Answer, listOfTexts, textIn } from './admin-api.ts';
import { parseBigJson } from './big-json.ts';

export interface Znode {
  readonly path: string;
  /** Null: it has none. */
  readonly data: Uint8Array | null;
  readonly stat: Answer;
  readonly children: readonly string[];
}

const ZNODES = '/znodes/v1';

/**
 * Znodes by the server's REST gateway, as the user that was named last. The password is kept in this object alone, and goes
 * with the page.
 */
export class ZnodeApi {
  #authorization: string | null = null;

  get isSomebody(): boolean {
    return this.#authorization !== null;
  }

  beNobody(): void {
    this.#authorization = null;
  }

  /** Whether there is such a user shows when something is asked for. */
  be(user: string, password: string): void {
    const bytes = new TextEncoder().encode(`${user}:${password}`);
    this.#authorization = `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))}`;
  }

  /** @throws Error with what is wrong, in words */
  async read(path: string): Promise<Znode> {
    const [node, list] = await Promise.all([
      this.#ask('GET', path),
      this.#ask('GET', path, '?view=children'),
    ]);
    return {
      path,
      data: 'data64' in node ? bytesOf(textIn(node, 'data64')) : null,
      stat: node,
      children: listOfTexts(list, 'children').toSorted(),
    };
  }

  /** @param version that it must still have */
  async set(path: string, text: string, version: string): Promise<void> {
    await this.#ask('PUT', path, `?version=${version}`, text);
  }

  async create(path: string, child: string, text: string): Promise<void> {
    await this.#ask('POST', path, `?op=create&name=${encodeURIComponent(child)}`, text);
  }

  async delete(path: string, version: string): Promise<void> {
    await this.#ask('DELETE', path, `?version=${version}`);
  }

  async #ask(method: string, path: string, query = '', body: string | null = null): Promise<Answer> {
    const url = ZNODES + path.split('/').map(encodeURIComponent).join('/') + query;
    const response = await fetch(url, {
      method,
      credentials: 'omit',
      cache: 'no-store',
      headers: {
        ...(this.#authorization === null ? {} : { Authorization: this.#authorization }),
        ...(body === null ? {} : { 'Content-Type': 'application/octet-stream' }),
      },
      body,
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type') === 'application/json';
    const answer = isJson ? (parseBigJson(text) as Answer) : {};
    if (!response.ok) throw new Error(textIn(answer, 'message') || text.trim() || `error ${response.status}`);
    return answer;
  }
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
