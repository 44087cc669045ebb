import type { ServerId } from '../base/server-id.ts';
import type { StoredConfiguration } from '../storage/configuration-files.ts';
import type { DiskScript } from '../storage/disk-script.ts';
import type { Membership } from './membership.ts';
import type { QuorumVerifier } from './quorum-verifier.ts';

/** `ConfigurationFiles`, as its user sees it. */
export interface ConfigurationStore {
  writeNext(configuration: StoredConfiguration): DiskScript<void>;
  removeNext(): DiskScript<void>;
  commit(configuration: StoredConfiguration): DiskScript<void>;
}

export interface ConfigurationsOptions {
  readonly self: ServerId;
  readonly committed: Membership;
  /** Proposed, and not known to be committed. Counts only if it is newer. */
  readonly lastSeen?: Membership | null;
  /** Where they are kept; null where the members never change (`reconfigEnabled=false`). */
  readonly files: ConfigurationStore | null;
  /** Something else counts from now on. */
  readonly onChange?: () => void;
}

/**
 * Who belongs to the ensemble, as far as this server knows: the configuration that is committed, and while a newer one
 * is proposed, that one too (protocol §5.4). Until it is known what comes of the newer one, whatever is decided takes a
 * quorum of each: so any two decisions have a server in common, whichever of the two configurations each was made in.
 *
 * With what is proposed memory is ahead of the disk, which only asks for more than would be needed; with what is
 * committed the disk is ahead, so that no restart goes back to who no longer decides.
 */
export class Configurations {
  readonly #options: ConfigurationsOptions;
  #committed: Membership;
  #lastSeen: Membership | null = null;

  constructor(options: ConfigurationsOptions) {
    this.#options = options;
    this.#committed = options.committed;
    const { lastSeen = null } = options;
    if (lastSeen !== null) this.recall(lastSeen);
  }

  /** Whether members may come and go. */
  get areChangeable(): boolean {
    return this.#options.files !== null;
  }

  get committed(): Membership {
    return this.#committed;
  }

  /** Newer than the committed one; null where none is. */
  get lastSeen(): Membership | null {
    return this.#lastSeen;
  }

  get newest(): Membership {
    return this.#lastSeen ?? this.#committed;
  }

  /** All of them have to agree. */
  get verifiers(): readonly QuorumVerifier[] {
    const { verifier } = this.#committed;
    return this.#lastSeen === null ? [verifier] : [verifier, this.#lastSeen.verifier];
  }

  /** Whether it belongs to the ensemble, or would by what is proposed. */
  isMember(server: ServerId): boolean {
    return this.#committed.members.has(server) || this.#lastSeen?.members.has(server) === true;
  }

  /** Whether it has a say in what is decided. */
  isVoter(server: ServerId): boolean {
    return this.verifiers.some(({ voters }) => voters.has(server));
  }

  /** Whether these servers decide. */
  containsQuorum(servers: ReadonlySet<ServerId>): boolean {
    return this.verifiers.every((verifier) => verifier.containsQuorum(servers));
  }

  /** What a restart has found: in its file, or in the log or the snapshot, where it may stand without one. */
  recall(found: Membership): void {
    if (found.version > this.newest.version) this.#lastSeen = found;
  }

  /**
   * A leader's newest configuration is ours, as its history is; one that is not newer than what is committed here undoes
   * what was proposed. Counts at once, and is durable when this has returned.
   */
  *see(next: Membership): DiskScript<void> {
    const { files } = this.#options;
    if (files === null || next.version === this.#lastSeen?.version) return;
    const isNewer = next.version > this.#committed.version;
    const hadOne = this.#lastSeen !== null;
    this.#lastSeen = isNewer ? next : null;
    this.#options.onChange?.();
    if (isNewer) yield* files.writeNext(this.#stored(next));
    else if (hadOne) yield* files.removeNext();
  }

  /** From now on this one decides, alone. Durable first. Nothing happens if it is not newer than what does. */
  *activate(next: Membership): DiskScript<void> {
    const { files } = this.#options;
    if (files === null || next.version <= this.#committed.version) return;
    yield* files.commit(this.#stored(next));
    this.#committed = next;
    const isStillOpen = this.#lastSeen !== null && this.#lastSeen.version > next.version;
    if (!isStillOpen) this.#lastSeen = null;
    this.#options.onChange?.();
    if (!isStillOpen) yield* files.removeNext();
  }

  #stored({ version, text, members }: Membership) {
    const self = members.get(this.#options.self);
    return { version, text, hasClientAddress: self !== undefined && self.client !== null };
  }
}
