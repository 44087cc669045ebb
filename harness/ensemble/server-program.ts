import type { Member, ServerPlace } from './zoo-config.ts';

/** How a program is started, without what is the same for all of them. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to our own environment; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A program that can be a server of an ensemble: ours, one of Apache's, or a stand-in. */
export interface ServerProgram {
  /** For reports: `apache 3.8.0`. */
  readonly name: string;
  /** A Node process, so that modules can be loaded into it with `--import`: see `nemesis/control`. */
  readonly takesPreload?: boolean;
  /** May put files of its own beside zoo.cfg, which is there already. */
  commandLine(place: ServerPlace, members: readonly Member[]): CommandLine;
}
