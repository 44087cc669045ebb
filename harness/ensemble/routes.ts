import type { Member } from './zoo-config.ts';

const LOOPBACK = '127.0.0.1';

/** How a server knows a member: what a line of its zoo.cfg says. */
export interface MemberAddress {
  readonly id: number;
  readonly isObserver: boolean;
  readonly host: string;
  readonly quorumPort: number;
  readonly electionPort: number;
}

/** Which way servers reach each other, and clients reach them. */
export interface Routes {
  /** How server `id` knows all members, itself included. */
  viewOf(id: number): readonly MemberAddress[];
  /** `host:port` for the clients of server `id`. */
  clientAddressOf(id: number): string;
  /** The process of server `id` is about to be started. */
  serverStarting?(id: number): Promise<void>;
  /** The process of server `id` has ended, by whatever. */
  serverEnded?(id: number): void;
}

/** Lays the ways between members, before any of them starts. */
export type Router = (members: readonly Member[]) => Promise<Routes>;

/** With nothing in between. */
export const directRoutes: Router = async (members) => ({
  viewOf: () => members.map((member) => ({ ...member, host: LOOPBACK })),
  clientAddressOf: (id) => {
    const member = members.find((member) => member.id === id);
    if (member === undefined) throw new Error(`there is no server ${id}`);
    return `${LOOPBACK}:${member.clientPort}`;
  },
});
