import type { Anomaly, AnomalyOp, Verification } from './verification.ts';

const REFERENCE = / ?\[(\d+)\]/g;

/** A part of an explanation: text, or the number of the operation that it speaks of. */
export type Piece = string | number;

/** An explanation cut at its references to operations; the space before one belongs to it. */
export function piecesOf({ explanation, ops }: Pick<Anomaly, 'explanation' | 'ops'>): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  for (const match of explanation.matchAll(REFERENCE)) {
    const number = Number(match[1]);
    if (number < 1 || number > ops.length) continue;
    pieces.push(explanation.slice(from, match.index), number);
    from = match.index + match[0].length;
  }
  pieces.push(explanation.slice(from));
  return pieces.filter((piece) => piece !== '');
}

/** As one text, for where the operations are not shown beside it: who it was and when stand in place of each reference. */
export function explanationInFull(anomaly: Pick<Anomaly, 'explanation' | 'ops'>): string {
  return piecesOf(anomaly)
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const op = anomaly.ops[piece - 1];
      return op === undefined ? '' : ` (client ${op.process}, ${timesOf(op)})`;
    })
    .join('');
}

function timesOf({ invokeMs, completeMs }: AnomalyOp): string {
  const [from, to] = [(invokeMs / 1000).toFixed(3), (completeMs / 1000).toFixed(3)];
  return completeMs < invokeMs || from === to ? `${from} s` : `${from}–${to} s`;
}

/** The first that makes the verdict what it is; null where there is none. */
export function decidingAnomaly({ verdict, checkers }: Verification): Anomaly | null {
  const all = checkers.flatMap(({ anomalies }) => anomalies);
  return all.find((anomaly) => anomaly.verdict === verdict) ?? null;
}
