import { CreateMode } from '../../server/wire/records/create.ts';
import { numberIn, withoutNumber } from './numbers.ts';
import type { Participant } from './participant.ts';
import { ZnodeWatch } from './znode-watch.ts';

/**
 * A participant's place in a line of ephemeral sequential znodes, in which everybody waits for the end of the one before
 * and for nothing else, so that each end wakes one only.
 */
export class PlaceInLine {
  readonly #participant: Participant;
  readonly #parent: string;
  #path: string | null = null;
  /** Of the participant's sessions the one that all of this belongs to. */
  #session = 0;
  /** Names that were asked for and may be there without anybody knowing; without their numbers. */
  #strays: string[] = [];
  readonly #oneBefore: ZnodeWatch;

  constructor(participant: Participant, parent: string) {
    this.#participant = participant;
    this.#parent = parent;
    this.#oneBefore = new ZnodeWatch(participant);
  }

  /** Null for who has none, as far as it knows. */
  get path(): string | null {
    this.#forgetIfOver();
    return this.#path;
  }

  /** Takes a place if there is none, and waits a little for the one before. @returns whether nobody is before it. */
  async isFirst(): Promise<boolean> {
    if (this.path === null) await this.take();
    else if (!(await this.#oneBefore.isOver())) return false;
    const names = await this.look();
    const path = this.path;
    if (path === null || names === null) return false;
    const at = names.findIndex((name) => path === `${this.#parent}/${name}`);
    // Its own session has made it, so a list without it is of a time behind its end.
    if (at < 0) this.forget();
    const isThere = at > 0 && (await this.#oneBefore.set(`${this.#parent}/${names[at - 1] as string}`));
    if (isThere !== true) this.#oneBefore.forget();
    return at === 0;
  }

  /** @returns whether it has one now. */
  async take(): Promise<boolean> {
    const participant = this.#participant;
    const name = `${participant.unique().toString()}-`;
    const attempt = await participant.attempt((client) =>
      client.create(`${this.#parent}/${name}`, null, { flags: CreateMode.ephemeralSequential }),
    );
    this.#forgetIfOver();
    if (attempt.outcome === 'ok') this.#path = attempt.value.path;
    if (attempt.outcome === 'unknown') this.#strays.push(name);
    return attempt.outcome === 'ok';
  }

  /** Everybody in the line, in order; null if that could not be learnt. Takes away what it was not told that it had made. */
  async look(): Promise<readonly string[] | null> {
    const list = await this.#participant.attempt((client) => client.getChildren(this.#parent));
    this.#forgetIfOver();
    if (list.outcome !== 'ok') return null;
    const names = [...list.value.children].sort((a, b) => numberIn(a) - numberIn(b));
    for (const name of names) {
      const path = `${this.#parent}/${name}`;
      if (path !== this.#path && this.#strays.includes(withoutNumber(name)))
        await this.#participant.attempt((client) => client.delete(path));
    }
    return names;
  }

  /** Gives the place up. If that is not answered, it is done again when it looks. */
  async leave(): Promise<void> {
    const path = this.path;
    if (path === null) return;
    this.#path = null;
    this.#oneBefore.forget();
    const attempt = await this.#participant.attempt((client) => client.delete(path));
    if (attempt.outcome === 'unknown') this.#strays.push(withoutNumber(path.slice(this.#parent.length + 1)));
  }

  /** The session has ended or will, and with it all that it has in the line. */
  forget(): void {
    this.#path = null;
    this.#oneBefore.forget();
    this.#strays = [];
  }

  #forgetIfOver(): void {
    if (this.#session === this.#participant.sessions) return;
    this.#session = this.#participant.sessions;
    this.forget();
  }
}
