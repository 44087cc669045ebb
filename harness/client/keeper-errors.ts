interface KnownError {
  readonly name: string;
  /** The operation certainly did not take effect. Without that certainty it may still happen. */
  readonly definite: boolean;
}

const definitely = (name: string): KnownError => ({ name, definite: true });
const perhaps = (name: string): KnownError => ({ name, definite: false });

/**
 * Every code a reply (or the client itself) can end an operation with (protocol §1.6), and whether it proves
 * that a write had no effect.
 *
 * To call an error definite when it is not makes a checker accuse a correct server; to call one indefinite when
 * it is definite makes it overlook a faulty one. So: what the server says after looking at the request and the
 * tree is definite; what says "I failed inside", "too late" or "the session is gone" is not.
 */
const KEEPER_ERRORS: ReadonlyMap<number, KnownError> = new Map([
  [-1, perhaps('SystemError')],
  [-2, perhaps('RuntimeInconsistency')],
  [-3, perhaps('DataInconsistency')],
  [-4, perhaps('ConnectionLoss')],
  // Refused before it became a txn: the request could not be decoded, is not known, or is not well-formed.
  [-5, definitely('MarshallingError')],
  [-6, definitely('Unimplemented')],
  [-7, perhaps('OperationTimeout')],
  [-8, definitely('BadArguments')],
  [-12, perhaps('UnknownSession')],
  [-13, definitely('NewConfigNoQuorum')],
  [-14, definitely('ReconfigInProgress')],
  [-100, perhaps('ApiError')],
  [-101, definitely('NoNode')],
  [-102, definitely('NoAuth')],
  [-103, definitely('BadVersion')],
  [-108, definitely('NoChildrenForEphemerals')],
  [-110, definitely('NodeExists')],
  [-111, definitely('NotEmpty')],
  // An earlier request of the session may have been this one, sent again.
  [-112, perhaps('SessionExpired')],
  [-113, definitely('InvalidCallback')],
  [-114, definitely('InvalidAcl')],
  [-115, definitely('AuthFailed')],
  [-118, perhaps('SessionMoved')],
  [-119, definitely('NotReadOnly')],
  [-120, definitely('EphemeralOnLocalSession')],
  [-121, definitely('NoWatcher')],
  [-122, perhaps('RequestTimeout')],
  [-123, definitely('ReconfigDisabled')],
  [-124, definitely('SessionClosedRequireSaslAuth')],
  [-125, definitely('QuotaExceeded')],
  // Refused at the door, before it was queued.
  [-127, definitely('ThrottledOp')],
]);

/** ZooKeeper's name for a code, `KeeperError(code)` for one it does not have. */
export function keeperErrorName(code: number): string {
  return KEEPER_ERRORS.get(code)?.name ?? `KeeperError(${code})`;
}

/**
 * How an operation that ended in `code` ended for the history: `fail` (it had no effect) or `info` (nobody
 * knows). A code we do not know is indefinite: better a checker too lenient than a false accusation. A read
 * that failed had no effect to be uncertain about, so it is always `fail`.
 */
export function outcomeOfError(code: number, operation: { readonly reads: boolean }): 'fail' | 'info' {
  return operation.reads || KEEPER_ERRORS.get(code)?.definite === true ? 'fail' : 'info';
}

/** An operation was refused, or its connection was lost before the answer came. */
export class KeeperError extends Error {
  override readonly name = 'KeeperError';
  /** As in protocol §1.6; −4 (ConnectionLoss) and −112 (SessionExpired) also come from the client itself. */
  readonly code: number;
  readonly path: string | undefined;

  constructor(code: number, path?: string) {
    super(path === undefined ? keeperErrorName(code) : `${keeperErrorName(code)} for ${path}`);
    this.code = code;
    this.path = path;
  }
}

/** None of the servers gave a session in time. */
export class NoSessionError extends Error {
  override readonly name = 'NoSessionError';
  readonly code = 'no-session';
}
