/** A file of keys or certificates that cannot be used; the message says why, and has no secret in it. */
export class KeyStoreError extends Error {
  override readonly name = 'KeyStoreError';
}
