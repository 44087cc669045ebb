import { type Model, REFUSED } from '../model.ts';

/** `who`: a number from 0 up, which says who asks. */
export type MutexInput = { readonly kind: 'acquire' | 'release'; readonly who: number };

/** Whether it was granted. A release is refused to everybody but the holder. */
export type MutexOutput = boolean;

const FREE = 0;

/** Held by one at a time, who can't acquire it again. A state is one more than its holder. */
export class MutexModel implements Model<MutexInput, MutexOutput> {
  readonly initial = FREE;

  step(state: number, input: MutexInput, output: MutexOutput | null): number {
    const isGranted = isGrantedIn(state, input);
    if (output !== null && output !== isGranted) return REFUSED;
    if (!isGranted) return state;
    return input.kind === 'acquire' ? input.who + 1 : FREE;
  }

  isObservation(_input: MutexInput, output: MutexOutput | null): boolean {
    return output === false;
  }

  showOperation({ kind, who }: MutexInput, output: MutexOutput | null): string {
    return `${kind} by ${who} → ${output === null ? '?' : showGrant(output)}`;
  }

  showState(state: number): string {
    return state === FREE ? 'nobody holding it' : `${state - 1} holding it`;
  }

  showAnswer(state: number, input: MutexInput): string {
    return showGrant(isGrantedIn(state, input));
  }
}

function isGrantedIn(state: number, { kind, who }: MutexInput): boolean {
  return state === (kind === 'acquire' ? FREE : who + 1);
}

function showGrant(isGranted: boolean): string {
  return isGranted ? 'granted' : 'refused';
}
