import type { ByteStream } from '../base/ports.ts';
import type { AuthId } from '../tree/acl.ts';
import type { ErrorCode } from '../wire/error-code.ts';

/** How connections come by their identities, and what they may do without (protocol §7.1). */
export interface Authenticator {
  /** What a connection is from the start. */
  idsOfConnection(stream: Pick<ByteStream, 'remoteAddress' | 'certificateSubject'>): readonly AuthId[];
  /**
   * What these bytes make it besides; null if they are refused. `cut-off`: it is not to be answered at all, so that its
   * client goes elsewhere and does not take itself for somebody whom nobody lets in.
   */
  authenticate(
    scheme: string,
    token: Uint8Array,
    remoteAddress: string,
  ): readonly AuthId[] | 'cut-off' | null;
  /** Whether who is all this may ask for more than to become somebody. */
  admits(ids: readonly AuthId[]): boolean;
  /** For one connection; null where there is no SASL. */
  beginSasl(): SaslExchange | null;
  /** What a client is answered that has failed in it, before it is sent away; `ok`: it stays. */
  readonly saslFailure: ErrorCode;
}

/** The server's side of an exchange of tokens (protocol §7.2). */
export interface SaslExchange {
  /** To the client's next token; `ids` is what it has proved by it. Null: refused. */
  answer(token: Uint8Array): { readonly token: Uint8Array; readonly ids: readonly AuthId[] } | null;
}
