/** What went wrong, in OpenSSL's words where it was OpenSSL that said so, without where in its source. */
export function tlsReason(error: Error): string {
  return 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message;
}
