import { ErrorCode } from '../../wire/error-code.ts';
import { BodyError } from '../http/http-request.ts';
import { KeeperRefusal } from './keeper-connection.ts';
import { RequestTooLong } from './rest-session.ts';
import { TooManySessions } from './rest-sessions.ts';

/** What a request is refused with. */
export class RestError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Those of the gateway's SPEC.txt; every other code of the server is 502 there. */
const REFUSALS: ReadonlyMap<number, readonly [status: number, message: string]> = new Map([
  [ErrorCode.badArguments, [400, 'bad arguments']],
  [ErrorCode.invalidAcl, [400, 'invalid acl']],
  [ErrorCode.authFailed, [401, 'these credentials are not accepted']],
  // 502 there, which would say that something is broken.
  [ErrorCode.noAuth, [401, 'not authorized']],
  [
    ErrorCode.sessionClosedRequireSaslAuth,
    [401, 'this server lets in nobody who is not authenticated by SASL'],
  ],
  [ErrorCode.noNode, [404, 'not found']],
  [ErrorCode.nodeExists, [409, 'already exists']],
  [ErrorCode.notEmpty, [409, 'not empty']],
  [ErrorCode.badVersion, [412, 'bad version']],
  [ErrorCode.sessionExpired, [503, 'the session has expired']],
  [ErrorCode.connectionLoss, [503, 'the server does not serve clients at present']],
  [ErrorCode.operationTimeout, [504, 'no answer in time; nobody knows whether it was done']],
] as const);

const ERROR_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ErrorCode).map(([name, code]) => [code, name]),
);

/** @throws what is no refusal. */
export function restErrorOf(error: unknown): RestError {
  if (error instanceof RestError) return error;
  if (error instanceof RequestTooLong || (error instanceof BodyError && error.isTooLong))
    return new RestError(413, 'longer than jute.maxbuffer lets requests be');
  if (error instanceof BodyError) return new RestError(400, error.message);
  if (error instanceof TooManySessions)
    return new RestError(503, 'there are as many sessions as there may be');
  if (!(error instanceof KeeperRefusal)) throw error;
  const { code } = error;
  const [status, message] = REFUSALS.get(code) ?? [
    502,
    `error ${code} (${ERROR_NAMES.get(code) ?? 'unknown'})`,
  ];
  return new RestError(status, message);
}
