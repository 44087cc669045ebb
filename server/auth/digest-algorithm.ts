/**
 * What `zookeeper.DigestAuthenticationProvider.digestAlg` may name, in Java's spelling, with OpenSSL's name for
 * it. Apache takes any algorithm of the JVM; these are the ones a JVM 8 to 21 has and that are not broken.
 */
export const DIGEST_ALGORITHMS = {
  SHA1: 'sha1',
  'SHA-1': 'sha1',
  'SHA-224': 'sha224',
  'SHA-256': 'sha256',
  'SHA-384': 'sha384',
  'SHA-512': 'sha512',
  'SHA-512/224': 'sha512-224',
  'SHA-512/256': 'sha512-256',
  'SHA3-224': 'sha3-224',
  'SHA3-256': 'sha3-256',
  'SHA3-384': 'sha3-384',
  'SHA3-512': 'sha3-512',
} as const;

export type DigestAlgorithm = keyof typeof DIGEST_ALGORITHMS;
