import { randomBytes } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { type DigestMd5Inputs, type DigestMd5Service, digestMd5Response, hashedBytes } from './digest-md5.ts';
import { parseDirectives } from './digest-md5-directives.ts';

const CNONCE_BYTES = 30;

/** Who is authenticated, and where. */
export interface DigestMd5Identity extends Omit<DigestMd5Service, 'users'> {
  readonly user: string;
  readonly password: Secret;
}

/** The client's side of DIGEST-MD5: an answer to one challenge, and whether the server knows the password, too. */
export class DigestMd5Client {
  readonly #identity: DigestMd5Identity;
  #inputs: DigestMd5Inputs | null = null;

  constructor(identity: DigestMd5Identity) {
    this.#identity = identity;
  }

  /** Null: it is no challenge, or somebody else's, or the second one. */
  answer(challenge: Uint8Array): Uint8Array | null {
    const directives = parseDirectives(Buffer.from(challenge).toString('latin1'));
    const nonce = directives?.get('nonce') ?? '';
    const { user, realm, digestUri, password } = this.#identity;
    if (nonce === '' || directives?.get('realm') !== realm || this.#inputs !== null) return null;
    this.#inputs = {
      user: hashedBytes(user),
      realm,
      password: hashedBytes(password.reveal()),
      nonce,
      cnonce: randomBytes(CNONCE_BYTES).toString('base64'),
      digestUri,
      authzid: null,
    };
    return Buffer.from(digestMd5Token(user, this.#inputs), 'latin1');
  }

  isProof(token: Uint8Array): boolean {
    if (this.#inputs === null) return false;
    const directives = parseDirectives(Buffer.from(token).toString('latin1'));
    return directives?.get('rspauth') === digestMd5Response(this.#inputs, '');
  }
}

/** The answer to a challenge, as Java writes it. A character stands for a byte. */
export function digestMd5Token(user: string, inputs: DigestMd5Inputs): string {
  const { realm, nonce, cnonce, digestUri, authzid } = inputs;
  return [
    'charset=utf-8',
    `username="${quoted(Buffer.from(user, 'utf8').toString('latin1'))}"`,
    `realm="${realm}"`,
    `nonce="${quoted(nonce)}"`,
    'nc=00000001',
    `cnonce="${cnonce}"`,
    `digest-uri="${digestUri}"`,
    'maxbuf=65536',
    `response=${digestMd5Response(inputs, 'AUTHENTICATE')}`,
    'qop=auth',
    ...(authzid === null ? [] : [`authzid="${authzid}"`]),
  ].join(',');
}

function quoted(text: string): string {
  return text.replace(/["\\]/g, '\\$&');
}
