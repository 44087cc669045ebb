/**
 * - `value`: a line that cannot be read.
 * - `conflict`: lines that contradict each other.
 * - `unsupported`: a line that Apache understands.
 * - `missing`: something without which there is no ensemble.
 */
export type MembershipErrorCode = 'value' | 'conflict' | 'unsupported' | 'missing';

export interface MembershipFault {
  readonly code: MembershipErrorCode;
  /** Which of the lines, from 0; `null` where none is to blame. */
  readonly index: number | null;
  /** Without a line number or a final full stop: whoever has the lines knows where they stand. */
  readonly message: string;
  /** What to do now. */
  readonly advice: string;
}

/** Lines that describe no ensemble. */
export class MembershipError extends Error {
  override readonly name = 'MembershipError';
  readonly code: MembershipErrorCode;
  readonly index: number | null;
  readonly advice: string;

  constructor({ code, index, message, advice }: MembershipFault) {
    super(message);
    this.code = code;
    this.index = index;
    this.advice = advice;
  }
}
