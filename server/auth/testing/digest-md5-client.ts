import { digestMd5Response, hashedBytes } from '../digest-md5.ts';
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
  const realm = directives?.get('realm') ?? '';
  const nonce = directives?.get('nonce') ?? '';
  const response = digestMd5Response(
    {
      user: hashedBytes(user),
      realm,
      password: hashedBytes(password),
      nonce,
      cnonce,
      digestUri,
      authzid: authzid ?? null,
    },
    'AUTHENTICATE',
  );
  return [
    'charset=utf-8',
    `username="${Buffer.from(user, 'utf8').toString('latin1').replace(/["\\]/g, '\\$&')}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    'nc=00000001',
    `cnonce="${cnonce}"`,
    `digest-uri="${digestUri}"`,
    'maxbuf=65536',
    `response=${response}`,
    'qop=auth',
    ...(authzid === undefined ? [] : [`authzid="${authzid}"`]),
  ].join(',');
}
