import type { AuthProvider } from '../tree/auth-provider.ts';

/**
 * The `x509` scheme: who comes over TLS with a certificate that is trusted holds its subject as RFC 2253 writes it,
 * `CN=client,O=Example`. An ACL names exactly such a text.
 */
export const X509_PROVIDER: AuthProvider = {
  scheme: 'x509',
  isAuthenticated: true,
  isValid: (id) => /^\s*[A-Za-z0-9.]+\s*=/.test(id) && !id.includes('\n'),
  matches: (id, aclId) => id === aclId,
};

/**
 * A certificate's subject from Node's text of it, a line for each part in the order of the certificate, escaped as RFC 2253
 * wants it: there the last part comes first.
 */
export function distinguishedName(subject: string): string {
  return subject
    .split('\n')
    .filter((line) => line !== '')
    .toReversed()
    .join(',');
}
