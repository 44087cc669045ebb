import { history } from './line-texts.ts';

const ALL = [0, 1, 2, 3];

/** `n`: how manieth of its znodes it is. */
export function come(party: number, n = 1, round = 0): string {
  return `${party} create:e round-${round}/${party}.${n}`;
}

export function look(party: number, names: readonly string[], round = 0): string {
  return `${party} list round-${round} -> ${names.join(' ')}`;
}

export function raise(party: number, round = 0): string {
  return `${party} create ready-${round}`;
}

/** It sees the flag and goes in. */
export function goIn(party: number, round = 0): string {
  return history(`${party} exists ready-${round} -> 0`, note(party, 'in', round));
}

export function finish(party: number, n = 1, round = 0): string {
  return history(note(party, 'done', round), `${party} delete round-${round}/${party}.${n}`);
}

/** It sees that nobody is in any more and goes out. */
export function goOut(party: number, round = 0): string {
  return history(`${party} sync round-${round}`, look(party, [], round), note(party, 'out', round));
}

export function note(party: number, what: 'in' | 'done' | 'out', round = 0): string {
  return `${party} note barrier round=${round} what=${what}`;
}

export function each(act: (party: number) => string, parties = ALL): string {
  return history(parties.map((party) => act(party)));
}

export const NAMES = ['0.1', '1.1', '2.1', '3.1'];
export const COME = each(come);
export const RAISED = history(look(3, NAMES), raise(3), note(3, 'in'));
/** All have come and are in. */
export const IN = history(COME, RAISED, each(goIn, [0, 1, 2]));
export const DONE = each(finish);
export const OUT = each(goOut);
/** Client 9 looks who is left. */
export const END = history('9 sync .', look(9, []));
export const SECOND = history(
  '0 create round-1',
  each((party) => come(party, 2, 1)),
  [look(0, ['0.2', '1.2', '2.2', '3.2'], 1), raise(0, 1), note(0, 'in', 1)],
  each((party) => goIn(party, 1), [1, 2, 3]),
  each((party) => finish(party, 2, 1)),
  each((party) => goOut(party, 1)),
  ['9 sync .', look(9, []), look(9, [], 1)],
);
