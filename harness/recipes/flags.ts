import { type FindingLog, references } from '../checkers/finding-log.ts';
import { ErrorCode } from '../../server/wire/error-code.ts';
import type { Exchange } from '../transcript/happening.ts';
import { fateOf } from './fate.ts';
import { answeredNs } from './members.ts';

/**
 * Znodes that many may make and nobody deletes: each is made once, is there for nobody before somebody has asked to make
 * it, and is there for good for a session that was told so.
 *
 * `exchanges`: of these znodes alone, in the order in which they were sent.
 */
export function checkFlags(exchanges: readonly Exchange[], log: FindingLog): void {
  const byPath = new Map<string, Exchange[]>();
  for (const exchange of exchanges) {
    const { op } = exchange;
    if (op === null || !('path' in op)) continue;
    const others = byPath.get(op.path);
    if (others === undefined) byPath.set(op.path, [exchange]);
    else others.push(exchange);
  }
  for (const [path, asked] of byPath) checkFlag(path, asked, log);
}

function checkFlag(path: string, asked: readonly Exchange[], log: FindingLog): void {
  const makers = asked.filter((each) => each.op?.f === 'create2' && fateOf(each) !== 'refused');
  const done = makers.filter((maker) => fateOf(maker) === 'done');
  if (done.length > 1)
    log.invalid('made twice', `${path} was made more than once: ${references(done.length)}`, done);
  const seen = new Map<bigint, Exchange>();
  for (const exchange of asked) {
    const { session, reply } = exchange;
    if (tellsThatItIs(exchange)) {
      seen.set(session, exchange);
      if (makers.some((maker) => maker.sentNs < answeredNs(exchange))) continue;
      log.invalid('there before it was made', `${path} is there [1], and nobody has made it`, [exchange]);
    }
    const before = seen.get(session);
    if (before === undefined || reply?.err !== ErrorCode.noNode) continue;
    const explanation = `${path} is there for a session [1], and after that it is not [2]`;
    log.invalid('gone again', explanation, [before, exchange]);
  }
}

function tellsThatItIs({ op, reply }: Exchange): boolean {
  return reply?.err === 0 || (op?.f === 'create2' && reply?.err === ErrorCode.nodeExists);
}
