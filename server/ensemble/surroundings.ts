import type { Log } from '../base/log.ts';
import type { Observer } from '../base/observer.ts';
import type { Clock, Dialer, ScheduleEndOfTurn, Timers } from '../base/ports.ts';
import type { Prng } from '../base/prng.ts';
import type { Authenticator } from '../pipeline/authenticator.ts';
import type { JournalOptions } from '../pipeline/request-journal.ts';
import type { ClientConnection } from '../pipeline/client-connection.ts';
import type { AnswerWord, ServerCounters } from '../pipeline/server-core.ts';
import type { PasswordOf } from '../session/session-password.ts';
import type { Disk } from '../storage/disk.ts';
import type { AuthProviders } from '../tree/auth-provider.ts';
import type { WireError } from '../wire/wire-error.ts';
import type { Membership } from '../zab/membership.ts';

/** Everything outside of a server's core: the ports, and what the shell does for it. */
export interface Surroundings {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  /** `endOfTurn` of the server is to be called once, when the work of this turn of the event loop is done. */
  readonly scheduleEndOfTurn: ScheduleEndOfTurn;
  readonly random: Prng;
  readonly log: Log;
  readonly auth: Authenticator & { readonly providers: AuthProviders };
  readonly counters: ServerCounters;
  /** What is to be written down of requests; nothing unless told. */
  readonly journal?: JournalOptions | null;
  readonly answerWord: AnswerWord;
  readonly passwordOf: PasswordOf;
  readonly onBadBytes: (connection: ClientConnection, error: WireError) => void;
  /**
   * This server can't be relied on any more, and its process must end: what it was not told to be durable may or
   * may not be (B34). Nothing is called afterwards that matters.
   */
  readonly halt: (error: Error) => void;
  /** For a simulation; null in production. */
  readonly observer: Observer | null;
}

/** And outside of one that has peers. */
export interface EnsembleSurroundings extends Surroundings {
  /** To the others' election ports … */
  readonly electionDialer: Dialer;
  /** … and to their quorum ports. */
  readonly quorumDialer: Dialer;
  /** These are the members from now on: this server may have to listen elsewhere. */
  readonly onMembersChanged: (members: Membership) => void;
}
