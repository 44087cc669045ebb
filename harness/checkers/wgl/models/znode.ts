import { ErrorCode } from '../../../../server/wire/error-code.ts';
import { NONE } from '../../../history/op.ts';
import { type Model, REFUSED } from '../model.ts';
import { PairNumbers } from '../state-numbers.ts';

/** `askedVersion`: the version it is conditional on, NONE for none. A value is any int32. */
export type ZnodeInput =
  | { readonly kind: 'create'; readonly value: number }
  | { readonly kind: 'setData'; readonly value: number; readonly askedVersion: number }
  | { readonly kind: 'delete'; readonly askedVersion: number }
  | { readonly kind: 'check'; readonly askedVersion: number }
  | { readonly kind: 'read' }
  /** What one multi does to this node, at once: it was acknowledged, or isn't known. */
  | { readonly kind: 'multi'; readonly parts: readonly Exclude<ZnodeInput, { readonly kind: 'multi' }>[] };

/** What the reply said. NONE as version or value: nothing, or nothing that is to be looked at. */
export interface ZnodeOutput {
  /** `ErrorCode`; `notEmpty` is taken as `it was there, and the version fit`, since its children are nodes of their own. */
  readonly error: number;
  readonly version: number;
  readonly value: number;
  /** Of a multi: of each part in order. */
  readonly parts?: readonly ZnodeOutput[];
}

const ABSENT = 0;

/** One node of the tree: it is absent at first, and each time it is made its versions begin at 0. */
export class ZnodeModel implements Model<ZnodeInput, ZnodeOutput> {
  readonly initial = ABSENT;
  /** Version and value of each state of a node that is there; its number is one less than the state's. */
  readonly #states = new PairNumbers();
  readonly #showValue: (value: number) => string;

  constructor(showValue: (value: number) => string = (value) => `value ${value}`) {
    this.#showValue = showValue;
  }

  step(state: number, input: ZnodeInput, output: ZnodeOutput | null): number {
    if (input.kind === 'multi') return this.#stepMulti(state, input.parts, output?.parts);
    const error = this.#errorOf(state, input);
    if (output !== null && output.error !== error && !isDeleteOfParent(input, error, output.error))
      return REFUSED;
    if (error !== ErrorCode.ok || output?.error === ErrorCode.notEmpty) return state;
    const next = this.#next(state, input);
    return output === null || this.#isShown(next, output) ? next : REFUSED;
  }

  isObservation(input: ZnodeInput, output: ZnodeOutput | null): boolean {
    if (input.kind === 'multi') return input.parts.every((part) => this.isObservation(part, null));
    return (
      input.kind === 'read' || input.kind === 'check' || (output !== null && output.error !== ErrorCode.ok)
    );
  }

  showOperation(input: ZnodeInput, output: ZnodeOutput | null): string {
    switch (input.kind) {
      case 'multi': {
        const parts = input.parts.map((part, at) => this.showOperation(part, output?.parts?.[at] ?? null));
        return `multi (${parts.join(', ')})`;
      }
      case 'create':
        return `create with ${this.#showValue(input.value)} → ${this.#showOutput(output)}`;
      case 'setData':
        return `setData to ${this.#showValue(input.value)}${showCondition(input)} → ${this.#showOutput(output)}`;
      case 'delete':
      case 'check':
        return `${input.kind}${showCondition(input)} → ${this.#showOutput(output)}`;
      case 'read':
        return `read → ${this.#showOutput(output)}`;
    }
  }

  showState(state: number): string {
    if (state === ABSENT) return 'no node';
    return `version ${this.#versionOf(state)}, ${this.#showValue(this.#valueOf(state))}`;
  }

  showAnswer(state: number, input: ZnodeInput): string {
    if (input.kind === 'multi') {
      let at = state;
      const answers = input.parts.map((part) => {
        const answer = this.showAnswer(at, part);
        if (this.#errorOf(at, part) === ErrorCode.ok) at = this.#next(at, part);
        return answer;
      });
      return answers.join(', ');
    }
    const error = this.#errorOf(state, input);
    if (error !== ErrorCode.ok) return errorName(error);
    return input.kind === 'delete' || input.kind === 'check'
      ? 'ok'
      : this.showState(this.#next(state, input));
  }

  #stepMulti(
    state: number,
    parts: Extract<ZnodeInput, { readonly kind: 'multi' }>['parts'],
    outputs: readonly ZnodeOutput[] | undefined,
  ): number {
    let next = state;
    for (const [at, part] of parts.entries()) {
      // Without an answer it may have failed as a whole, which is the same as its never having been.
      if (this.#errorOf(next, part) !== ErrorCode.ok) return outputs === undefined ? state : REFUSED;
      next = this.step(next, part, outputs?.[at] ?? null);
      if (next === REFUSED) return REFUSED;
    }
    return next;
  }

  #errorOf(state: number, input: Exclude<ZnodeInput, { readonly kind: 'multi' }>): number {
    if (input.kind === 'create') return state === ABSENT ? ErrorCode.ok : ErrorCode.nodeExists;
    if (state === ABSENT) return ErrorCode.noNode;
    if (input.kind === 'read' || input.askedVersion === NONE) return ErrorCode.ok;
    return input.askedVersion === this.#versionOf(state) ? ErrorCode.ok : ErrorCode.badVersion;
  }

  #next(state: number, input: Exclude<ZnodeInput, { readonly kind: 'multi' }>): number {
    switch (input.kind) {
      case 'create':
        return this.#states.numberOf(0, input.value) + 1;
      case 'setData':
        return this.#states.numberOf(this.#versionOf(state) + 1, input.value) + 1;
      case 'delete':
        return ABSENT;
      case 'check':
      case 'read':
        return state;
    }
  }

  #isShown(state: number, { version, value }: ZnodeOutput): boolean {
    if (state === ABSENT) return true;
    return (
      (version === NONE || version === this.#versionOf(state)) &&
      (value === NONE || value === this.#valueOf(state))
    );
  }

  #versionOf(state: number): number {
    return this.#states.firstOf(state - 1);
  }

  #valueOf(state: number): number {
    return this.#states.secondOf(state - 1);
  }

  #showOutput(output: ZnodeOutput | null): string {
    if (output === null) return '?';
    if (output.error !== ErrorCode.ok) return errorName(output.error);
    const version = output.version === NONE ? [] : [`version ${output.version}`];
    const value = output.value === NONE ? [] : [this.#showValue(output.value)];
    return [...version, ...value].join(', ') || 'ok';
  }
}

/** Whether the node has children is told by them. */
function isDeleteOfParent(input: ZnodeInput, error: number, answered: number): boolean {
  return input.kind === 'delete' && answered === ErrorCode.notEmpty && error === ErrorCode.ok;
}

function errorName(error: number): string {
  return Object.entries(ErrorCode).find(([, code]) => code === error)?.[0] ?? `error ${error}`;
}

function showCondition({ askedVersion }: { readonly askedVersion: number }): string {
  return askedVersion === NONE ? '' : ` if version ${askedVersion}`;
}
