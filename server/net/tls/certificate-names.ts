import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/**
 * Whether a certificate is for a host: only what it lists as alternative names counts, letter by letter. No wildcards, no
 * common name, and nobody is asked for the name of an address or the address of a name (CVE-2026-24281).
 */
export function isForHost(certificate: X509Certificate, host: string): boolean {
  if (isIP(host) !== 0) return certificate.checkIP(host) !== undefined;
  return certificate.checkHost(host, { subject: 'never', wildcards: false }) !== undefined;
}

/** `DNS:zoo1, IP Address:10.0.0.1` */
export function namesIn(certificate: X509Certificate): string {
  return certificate.subjectAltName ?? 'nobody';
}
