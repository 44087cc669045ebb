import { hashedBytes } from '../digest-md5.ts';
import { digestMd5Token } from '../digest-md5-client.ts';
import { parseDirectives } from '../digest-md5-directives.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly digestUri?: string;
  readonly cnonce?: string;
  readonly authzid?: string;
}

/** What a client answers to a challenge of DIGEST-MD5, as Java's does. */
export function clientAnswer(challenge: Uint8Array, credentials: Credentials): string {
  const { user, password, digestUri = 'zookeeper/zk-sasl-md5', cnonce = 'Y2xpZW50', authzid } = credentials;
  const directives = parseDirectives(Buffer.from(challenge).toString('latin1'));
  return digestMd5Token(user, {
    user: hashedBytes(user),
    realm: directives?.get('realm') ?? '',
    password: hashedBytes(password),
    nonce: directives?.get('nonce') ?? '',
    cnonce,
    digestUri,
    authzid: authzid ?? null,
  });
}
