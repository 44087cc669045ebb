import { createHash, timingSafeEqual } from 'node:crypto';
import type { AuthId } from '../tree/acl.ts';
import type { AuthProvider } from '../tree/auth-provider.ts';
import type { Secret } from '../secret.ts';
import { DIGEST_ALGORITHMS, type DigestAlgorithm } from './digest-algorithm.ts';

/**
 * The `digest` scheme: the id is `user:` and the base64 of a hash over all of `user:password`. There is no user
 * database, so a wrong password is not an error; it is another id.
 */
export const DIGEST_PROVIDER: AuthProvider = {
  scheme: 'digest',
  isAuthenticated: true,
  isValid: (id) => partCount(id) === 2,
  matches: (id, aclId) => id === aclId,
};

/** `String.split(":")` of Java, counted: empty parts at the end do not count, so `a:b:` has two and `a:` one. */
function partCount(id: string): number {
  let end = id.length;
  while (end > 0 && id[end - 1] === ':') end--;
  let count = 1;
  for (let i = 0; i < end; i++) if (id[i] === ':') count++;
  return count;
}

/** `user:` ‖ base64(hash(`user:password`)); without a colon the whole text is the user. */
export function digestId(userPassword: string, algorithm: DigestAlgorithm = 'SHA1'): string {
  const user = userPassword.split(':', 1)[0] as string;
  const hash = createHash(DIGEST_ALGORITHMS[algorithm]).update(userPassword, 'utf8').digest('base64');
  return `${user}:${hash}`;
}

const SUPER: AuthId = { scheme: 'super', id: '' };
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * The ids that an auth packet of scheme `digest` with these bytes gives a connection: its own, and `super` before
 * it if it is the super user's.
 */
export function authenticateDigest(
  auth: Uint8Array,
  options: { algorithm: DigestAlgorithm; superDigest: Secret | null },
): readonly AuthId[] {
  const id = digestId(decoder.decode(auth), options.algorithm);
  const own: AuthId = { scheme: 'digest', id };
  return options.superDigest !== null && equalInConstantTime(id, options.superDigest.reveal())
    ? [SUPER, own]
    : [own];
}

function equalInConstantTime(left: string, right: string): boolean {
  const a = Buffer.from(left);
  const b = Buffer.from(right);
  return a.length === b.length && timingSafeEqual(a, b);
}
