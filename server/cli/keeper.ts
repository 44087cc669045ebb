import { Client } from '../../harness/client/client.ts';
import { parseConnectString } from '../../harness/client/connect-string.ts';
import { OpCode } from '../wire/opcode.ts';
import type { Acl } from '../wire/records/acl.ts';
import { readCreate2Response, writeCreateRequest, writeCreateTtlRequest } from '../wire/records/create.ts';
import { readGetEphemeralsResponse, writeGetEphemeralsRequest } from '../wire/records/get-ephemerals.ts';
import { readWhoAmIResponse, type ClientInfo } from '../wire/records/who-am-i.ts';

/** What the commands need of a session and the harness's client has no method for. */
export class Keeper {
  readonly client: Client;
  readonly #chroot: string;

  static async connect(connectString: string, sessionTimeoutMs: number): Promise<Keeper> {
    const client = await Client.connect({ connectString, sessionTimeoutMs });
    return new Keeper(client, parseConnectString(connectString).chroot);
  }

  private constructor(client: Client, chroot: string) {
    this.client = client;
    this.#chroot = chroot;
  }

  createContainer(
    path: string,
    data: Uint8Array | null,
    acl: readonly Acl[],
    flags: number,
  ): Promise<string> {
    return this.client.request(
      OpCode.createContainer,
      (writer) => writeCreateRequest(writer, { path: this.#full(path), data, acl, flags }),
      (reader) => this.#short(readCreate2Response(reader).path),
      path,
    );
  }

  createTtl(
    path: string,
    data: Uint8Array | null,
    options: { readonly acl: readonly Acl[]; readonly flags: number; readonly ttl: number },
  ): Promise<string> {
    return this.client.request(
      OpCode.createTtl,
      (writer) => writeCreateTtlRequest(writer, { path: this.#full(path), data, ...options }),
      (reader) => this.#short(readCreate2Response(reader).path),
      path,
    );
  }

  /** Of this session. */
  ephemerals(prefix: string): Promise<string[]> {
    return this.client.request(
      OpCode.getEphemerals,
      (writer) => writeGetEphemeralsRequest(writer, { prefixPath: this.#full(prefix) }),
      (reader) => (readGetEphemeralsResponse(reader).ephemerals ?? []).map((path) => this.#short(path)),
      prefix,
    );
  }

  identities(): Promise<readonly ClientInfo[]> {
    return this.client.request(
      OpCode.whoAmI,
      () => undefined,
      (reader) => readWhoAmIResponse(reader).clientInfo ?? [],
    );
  }

  #full(path: string): string {
    return path === '/' && this.#chroot !== '' ? this.#chroot : this.#chroot + path;
  }

  #short(path: string): string {
    return path.slice(this.#chroot.length) || '/';
  }
}
