import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../secret.ts';
import { parseDirectives } from './digest-md5-directives.ts';

const TOKEN_BYTES_MAX = 4096;
const NONCE_BYTES = 30;
/** A nonce is good for one answer. */
const NONCE_COUNT = '00000001';

/** Whose passwords are asked for, and where. Of ZooKeeper's servers all have the same realm and the same URI. */
export interface DigestMd5Service {
  readonly users: ReadonlyMap<string, Secret>;
  readonly realm: string;
  readonly digestUri: string;
}

export const ZOOKEEPER_SERVICE = {
  realm: 'zk-sasl-md5',
  digestUri: 'zookeeper/zk-sasl-md5',
} as const satisfies Omit<DigestMd5Service, 'users'>;

/** What an answer to a challenge hashes. `user` and `password` in the bytes that RFC 2831 hashes them in. */
export interface DigestMd5Inputs {
  readonly user: Uint8Array;
  readonly realm: string;
  readonly password: Uint8Array;
  readonly nonce: string;
  readonly cnonce: string;
  readonly digestUri: string;
  /** Whom the client wants to act for; null where it says nothing. */
  readonly authzid: string | null;
}

export interface DigestMd5Answer {
  readonly token: Uint8Array;
  /** Who has proved to have the password; null as long as nobody has. */
  readonly user: string | null;
}

/**
 * The server's side of DIGEST-MD5 with algorithm md5-sess and no more protection than `auth` (RFC 2831, protocol §7.2):
 * an empty token, a challenge, the client's answer to it, and the proof that the server knows the password, too. The
 * nonce is good for one answer, right or wrong. Who begins with more than an empty token is challenged as well: it
 * may go by an older nonce, and here nobody can.
 */
export class DigestMd5Exchange {
  readonly #service: DigestMd5Service;
  readonly #nonce: string;
  #state: 'new' | 'challenged' | 'over' = 'new';

  constructor(
    service: DigestMd5Service,
    { nonce = randomBytes(NONCE_BYTES).toString('base64') }: { readonly nonce?: string } = {},
  ) {
    this.#service = service;
    this.#nonce = nonce;
  }

  /** Null: refused. */
  answer(token: Uint8Array): DigestMd5Answer | null {
    if (this.#state === 'new') return this.#challenge();
    if (this.#state === 'over') return null;
    this.#state = 'over';
    return this.#judge(token);
  }

  #challenge(): DigestMd5Answer {
    this.#state = 'challenged';
    const challenge = `realm="${this.#service.realm}",nonce="${this.#nonce}",charset=utf-8,algorithm=md5-sess`;
    return { token: Buffer.from(challenge), user: null };
  }

  #judge(token: Uint8Array): DigestMd5Answer | null {
    if (token.length > TOKEN_BYTES_MAX) return null;
    const directives = parseDirectives(Buffer.from(token).toString('latin1'));
    if (directives === null || !this.#isMeant(directives)) return null;
    const user = userOf(directives);
    const cnonce = directives.get('cnonce') ?? '';
    const response = directives.get('response') ?? '';
    if (user === null || cnonce === '') return null;

    const secret = this.#service.users.get(user);
    const digestUri = directives.get('digest-uri') as string;
    const inputs: DigestMd5Inputs = {
      user: hashedBytes(user),
      realm: this.#service.realm,
      // Who is unknown is refused no sooner than who has another password.
      password: hashedBytes(secret?.reveal() ?? ''),
      nonce: this.#nonce,
      cnonce,
      digestUri,
      authzid: directives.get('authzid') ?? null,
    };
    const isRight = isSameText(response, digestMd5Response(inputs, 'AUTHENTICATE'));
    if (!isRight || secret === undefined) return null;
    return { token: Buffer.from(`rspauth=${digestMd5Response(inputs, '')}`), user };
  }

  /** Whether it answers this challenge, by the means that were offered. */
  #isMeant(directives: ReadonlyMap<string, string>): boolean {
    const { realm, digestUri } = this.#service;
    return (
      directives.get('realm') === realm &&
      directives.get('nonce') === this.#nonce &&
      directives.get('nc') === NONCE_COUNT &&
      directives.get('digest-uri')?.toLowerCase() === digestUri &&
      (directives.get('qop') ?? 'auth') === 'auth' &&
      (directives.get('charset') ?? 'utf-8') === 'utf-8'
    );
  }
}

/** `method`: `AUTHENTICATE` for the client's response, nothing for the server's rspauth. Hexadecimal. */
export function digestMd5Response(inputs: DigestMd5Inputs, method: 'AUTHENTICATE' | ''): string {
  const { user, realm, password, nonce, cnonce, digestUri, authzid } = inputs;
  const secret = md5(user, `:${realm}:`, password).digest();
  const session = md5(secret, `:${nonce}:${cnonce}`, authzid === null ? '' : `:${authzid}`).digest('hex');
  const request = md5(`${method}:${digestUri}`).digest('hex');
  return md5(`${session}:${nonce}:${NONCE_COUNT}:${cnonce}:auth:${request}`).digest('hex');
}

/** What has a place in ISO 8859-1 is hashed as that, even if it was sent in UTF-8 (RFC 2831, 2.1.2.1). */
export function hashedBytes(text: string): Uint8Array {
  return Buffer.from(text, /^[\0-\xff]*$/.test(text) ? 'latin1' : 'utf8');
}

function userOf(directives: ReadonlyMap<string, string>): string | null {
  const name = directives.get('username');
  if (name === undefined || name === '') return null;
  if (!directives.has('charset')) return name;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(name, 'latin1'));
  } catch {
    return null;
  }
}

/** A character of a text stands for a byte. */
function md5(...parts: readonly (string | Uint8Array)[]) {
  const hash = createHash('md5');
  for (const part of parts) hash.update(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
  return hash;
}

function isSameText(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
