import type { Brand } from './brand.ts';

/**
 * A server's number in its ensemble: `myid`, the N of `server.N`. An i64 on the wire, where only small ones
 * are real: the top byte of a session id holds it (protocol §1.3).
 */
export type ServerId = Brand<number, 'ServerId'>;
