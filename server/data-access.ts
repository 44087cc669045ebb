import { join } from 'node:path';
import type { DataKeeper } from './admin/http/data-commands.ts';
import type { AuthSchemes } from './auth/auth-schemes.ts';
import type { ServerConfig } from './config.ts';
import type { DataDirectory } from './data-directory.ts';
import type { CoreSight } from './node-server-view.ts';
import { TEMPORARY_PREFIX } from './storage/file-names.ts';
import type { Completion } from './storage/disk.ts';
import type { WrittenSnapshot } from './storage/snapshot-writer.ts';
import { AccessControl, type AuthId } from './tree/acl.ts';
import { Perms } from './wire/records/acl.ts';

/** What operators may do with all data at once, and who they have to be. */
export class DataAccess implements DataKeeper {
  readonly uploadPath: string;
  readonly restore: DataKeeper['restore'];
  readonly #sight: CoreSight;
  readonly #auth: AuthSchemes;
  readonly #access: AccessControl;

  constructor(options: {
    readonly config: ServerConfig;
    readonly sight: CoreSight;
    readonly directory: DataDirectory;
    readonly auth: AuthSchemes;
    readonly restore: DataKeeper['restore'];
  }) {
    const { config, sight, directory, auth, restore } = options;
    this.uploadPath = join(directory.snapDir, `${TEMPORARY_PREFIX}restore`);
    this.restore = restore;
    this.#sight = sight;
    this.#auth = auth;
    this.#access = new AccessControl({ providers: auth.providers, skipAcl: config.skipAcl });
  }

  authenticate(scheme: string, token: Uint8Array, remoteAddress: string): readonly AuthId[] | null {
    const ids = this.#auth.authenticate(scheme, token, remoteAddress);
    return ids === 'cut-off' ? null : ids;
  }

  /** Each right for itself: `allows` is content with one of several. */
  mayDoEverything(ids: readonly AuthId[]): boolean {
    const { tree } = this.#sight.replica;
    const root = tree.get('/');
    if (root === undefined) return false;
    const acl = tree.acls.listOf(root.aclId);
    return [Perms.read, Perms.write, Perms.create, Perms.delete, Perms.admin].every((perm) =>
      this.#access.allows(acl, perm, ids),
    );
  }

  takeSnapshot(done: Completion<WrittenSnapshot | null>): void {
    this.#sight.replica.takeSnapshot(done);
  }
}
