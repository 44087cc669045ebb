import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import type { Log } from '../../base/log.ts';
import { formatZxid, type Zxid } from '../../base/zxid.ts';
import type { Completion } from '../../storage/disk.ts';
import type { WrittenSnapshot } from '../../storage/snapshot-writer.ts';
import type { AuthId } from '../../tree/acl.ts';
import type { HttpAnswer } from './http-endpoint.ts';
import { BodyError, type HttpRequest } from './http-request.ts';
import { jsonText } from './json-text.ts';

/** What the commands that hand out or replace all data ask of the server. */
export interface DataKeeper {
  /** Null: these are not accepted. */
  authenticate(scheme: string, token: Uint8Array, remoteAddress: string): readonly AuthId[] | null;
  /** Whether the root's ACL lets these do everything with it. */
  mayDoEverything(ids: readonly AuthId[]): boolean;
  /** `done` gets null if the state is another's before it can be written. */
  takeSnapshot(done: Completion<WrittenSnapshot | null>): void;
  /** Where a snapshot may lie that is being received. */
  readonly uploadPath: string;
  /** Takes a snapshot's state for its own; null in an ensemble. `done` gets the zxid at which that is the state. */
  readonly restore: ((path: string, done: Completion<Zxid>) => void) | null;
}

export interface DataCommandsOptions {
  readonly commandUrl: string;
  readonly snapshotEnabled: boolean;
  readonly restoreEnabled: boolean;
  /** Of a snapshot that is sent to be restored. */
  readonly restoreBytesMax: number;
  /** Between two of a kind, ms. */
  readonly intervalMs: number;
  readonly isServing: () => boolean;
  readonly keeper: DataKeeper;
  readonly nowMs: () => number;
  readonly log: Log;
}

interface Refusal {
  readonly status: number;
  readonly error: string;
}

const COMPONENT = 'AdminServer';
const NOT_SERVING = 'This ZooKeeper instance is not currently serving requests';
const NAMES: ReadonlyMap<string, 'snapshot' | 'restore'> = new Map([
  ['snapshot', 'snapshot'],
  ['snap', 'snapshot'],
  ['restore', 'restore'],
  ['rest', 'restore'],
]);
const REPLACED = 'the state has been replaced meanwhile; ask again';
const NO_SNAPSHOT = 'the snapshot to be restored is sent as the body, and there is none';
const ENSEMBLE_REFUSED =
  'a server of an ensemble is not restored while it runs: the others would go on from another history than it has; ' +
  'stop all of them, and restore each from the same backup (docs/OPERATING.md)';

/**
 * `snapshot` and `restore` of Apache's AdminServer since 3.9 (protocol §6.4), for those alone whom the root's ACL grants every
 * single right (CVE-2025-58457), by credentials in `Authorization: digest user:password` and no word of a proxy
 * (CVE-2024-51504).
 */
export class DataCommands {
  readonly #options: DataCommandsOptions;
  /** When the last of a kind began. */
  readonly #lastAtMs = { snapshot: Number.NEGATIVE_INFINITY, restore: Number.NEGATIVE_INFINITY };
  #isRestoring = false;

  constructor(options: DataCommandsOptions) {
    this.#options = options;
  }

  /** Null: it is none of these commands. */
  answer(request: HttpRequest): Promise<HttpAnswer> | null {
    const { commandUrl } = this.#options;
    const { pathname } = request.url;
    const command = pathname.startsWith(`${commandUrl}/`)
      ? NAMES.get(pathname.slice(commandUrl.length + 1))
      : undefined;
    if (command === undefined) return null;
    return this.#run(command, request);
  }

  async #run(command: 'snapshot' | 'restore', request: HttpRequest): Promise<HttpAnswer> {
    const refusal = this.#refusalOf(command, request);
    if (refusal !== null) {
      this.#tell(command, request, `refused: ${refusal.error}`);
      return errorAnswer(command, refusal);
    }
    this.#lastAtMs[command] = this.#options.nowMs();
    return command === 'snapshot' ? this.#snapshot(request) : this.#restore(request);
  }

  #refusalOf(command: 'snapshot' | 'restore', request: HttpRequest): Refusal | null {
    const { isServing, snapshotEnabled, restoreEnabled, intervalMs, nowMs, keeper } = this.#options;
    const method = command === 'snapshot' ? 'GET' : 'POST';
    if (request.method !== method) return { status: 405, error: `${command} is asked for by ${method}` };
    if (!isServing()) return { status: 200, error: NOT_SERVING };
    const isEnabled = command === 'snapshot' ? snapshotEnabled : restoreEnabled;
    const unauthorized = this.#authorizationProblem(request);
    if (unauthorized !== null) return unauthorized;
    if (!isEnabled) return { status: 503, error: `admin.${command}.enabled is not set` };
    if (command === 'restore' && keeper.restore === null) return { status: 409, error: ENSEMBLE_REFUSED };
    if (command === 'restore' && !request.hasBody) return { status: 400, error: NO_SNAPSHOT };
    if (this.#isRestoring || nowMs() - this.#lastAtMs[command] < intervalMs)
      return { status: 429, error: 'the last one was less than admin.rateLimiterIntervalInMS ago' };
    return null;
  }

  #authorizationProblem({ headers: { authorization }, remoteAddress }: HttpRequest): Refusal | null {
    const { keeper } = this.#options;
    if (authorization === undefined) return { status: 401, error: 'Auth info is missing for the command' };
    const [scheme = '', token = '', ...more] = authorization.split(' ');
    const ids =
      more.length > 0 ? null : keeper.authenticate(scheme, Buffer.from(token, 'latin1'), remoteAddress);
    if (ids === null || ids.length === 0) return { status: 401, error: 'Not authenticated' };
    return keeper.mayDoEverything(ids) ? null : { status: 403, error: 'Not authorized' };
  }

  async #snapshot(request: HttpRequest): Promise<HttpAnswer> {
    const { keeper } = this.#options;
    const taken = await new Promise<WrittenSnapshot | string>((resolve) =>
      keeper.takeSnapshot((error, written) => resolve(written ?? error?.message ?? REPLACED)),
    );
    if (typeof taken === 'string') return errorAnswer('snapshot', { status: 500, error: taken });
    this.#tell('snapshot', request, `${taken.path}, ${taken.bytes} bytes`);
    const headers = { last_zxid: formatZxid(taken.zxid), snapshot_size: String(taken.bytes) };
    if ((request.url.searchParams.get('streaming') ?? 'true').toLowerCase() !== 'true')
      return {
        status: 200,
        headers,
        contentType: 'application/json',
        body: jsonText({ command: 'snapshot', error: null }),
      };
    const file = createReadStream(taken.path);
    // From here on it is there to be read, whatever is purged.
    await once(file, 'open');
    return {
      status: 200,
      headers: { ...headers, 'Content-Length': String(taken.bytes) },
      contentType: 'application/octet-stream',
      body: file,
    };
  }

  async #restore(request: HttpRequest): Promise<HttpAnswer> {
    const { restoreBytesMax, keeper } = this.#options;
    const { restore, uploadPath } = keeper;
    this.#isRestoring = true;
    try {
      await request.saveTo(uploadPath, restoreBytesMax);
      const zxid = await new Promise<Zxid>((resolve, reject) =>
        restore?.(uploadPath, (error, zxid) => {
          if (error === null) resolve(zxid as Zxid);
          else reject(error);
        }),
      );
      this.#tell('restore', request, `the state is that of the snapshot from ${formatZxid(zxid)} on`);
      return {
        status: 200,
        contentType: 'application/json',
        body: jsonText({ last_zxid: zxid, command: 'restore', error: null }),
      };
    } catch (error) {
      const refusal = this.#failure(error as Error);
      this.#tell('restore', request, `failed, and nothing has changed: ${refusal.error}`);
      return errorAnswer('restore', refusal);
    } finally {
      // Before another may come: its upload has the same name.
      await rm(uploadPath, { force: true }).finally(() => (this.#isRestoring = false));
    }
  }

  #failure(error: Error): Refusal {
    const { restoreBytesMax } = this.#options;
    if (!(error instanceof BodyError)) return { status: 500, error: error.message };
    if (!error.isTooLong) return { status: 400, error: error.message };
    const why = `the snapshot has more than the ${restoreBytesMax} bytes that stampede.maxRestoreBytes allows`;
    return { status: 413, error: why };
  }

  #tell(command: string, { remoteAddress }: HttpRequest, what: string): void {
    this.#options.log.info(COMPONENT, `${command} for ${remoteAddress}: ${what}`);
  }
}

function errorAnswer(command: string, { status, error }: Refusal): HttpAnswer {
  const headers = status === 405 ? { Allow: command === 'snapshot' ? 'GET' : 'POST' } : {};
  return { status, headers, contentType: 'application/json', body: jsonText({ command, error }) };
}
