import { describeEvidence, type Evidence } from '../checkers/finding-log.ts';
import type { Anomaly } from '../history/verification.ts';
import { zx } from '../model/ghost-tree.ts';
import type { Happening } from './happening.ts';

/** What a message names by a zxid. */
export interface Named {
  readonly evidence: Evidence;
  readonly zxid: number;
}

/**
 * A message of the model with a reference behind each zxid that it names, and one to what was being looked at: behind the
 * zxid of its reply, or where that is not named, at the end.
 */
export function inWords(
  message: string,
  at: Happening | null,
  named: readonly Named[],
): Pick<Anomaly, 'explanation' | 'ops'> {
  const once = named.filter(
    ({ evidence }, index) => named.findIndex((each) => each.evidence === evidence) === index,
  );
  const places = once.map((each) => ({ ...each, end: endOfMention(each.zxid, message, 'first') }));
  if (at !== null && !named.some(({ evidence }) => evidence === evidenceOf(at))) {
    const zxid = zxidOf(at);
    // Where the message names its zxid twice, it comes to what was looked at last.
    const which = named.some((each) => each.zxid === zxid) ? 'last' : 'first';
    places.push({ evidence: evidenceOf(at), zxid, end: endOfMention(zxid, message, which) });
  }
  places.sort((a, b) => a.end - b.end);
  let explanation = '';
  let from = 0;
  for (const [index, { end }] of places.entries()) {
    explanation += `${message.slice(from, end)} [${index + 1}]`;
    from = end;
  }
  explanation += message.slice(from);
  return {
    explanation,
    ops: places.map(({ evidence }) => describeEvidence(evidence)),
  };
}

function evidenceOf(at: Happening): Evidence {
  return 'exchange' in at ? at.exchange : at;
}

function zxidOf(at: Happening): number {
  if ('exchange' in at) return at.exchange.reply?.zxid ?? -1;
  return at.type === 'event' ? at.zxid : -1;
}

/** The end of the message where there is none. */
function endOfMention(zxid: number, message: string, which: 'first' | 'last'): number {
  if (zxid < 0) return message.length;
  const mentions = [...message.matchAll(new RegExp(`${zx(zxid)}(?![0-9a-f])`, 'g'))];
  const mention = mentions.at(which === 'first' ? 0 : -1);
  return mention === undefined ? message.length : mention.index + mention[0].length;
}
