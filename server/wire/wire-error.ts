/**
 * Why bytes could not be understood:
 * - `truncated`: they end inside a field or a list; with more of them they might be understood;
 * - `length`: a length or count that is negative, other than the −1 of null;
 * - `frame-length`: a frame or packet that announces a negative length or more than the limit;
 * - `value`: a field holds something the record does not allow (an unknown multi sub-type, …).
 */
export type WireErrorCode = 'truncated' | 'length' | 'frame-length' | 'value';

/** The other side sent bytes that are not the protocol. The nearest owner closes that connection, nothing else. */
export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;

  constructor(code: WireErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
