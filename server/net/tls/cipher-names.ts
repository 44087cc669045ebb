const AES = /^TLS_(?:(ECDHE|DHE)_)?(RSA|ECDSA)_WITH_AES_(128|256)_(GCM|CBC)_(SHA\d*)$/;
const CHACHA = /^TLS_(ECDHE|DHE)_(RSA|ECDSA)_WITH_(CHACHA20_POLY1305)_SHA256$/;

/**
 * Cipher suites as Java lists them, by the names that the OpenSSL in Node knows them by up to TLS 1.2; those of TLS 1.3,
 * and names that are OpenSSL's already, stay as they are.
 */
export function openSslCiphers(javaList: string): string {
  return javaList
    .split(',')
    .map((name) => openSslName(name.trim()))
    .join(':');
}

function openSslName(name: string): string {
  const aes = AES.exec(name);
  if (aes !== null) {
    const [, exchange, signature = '', bits = '', mode, hash = ''] = aes;
    const keys = exchange === undefined ? [] : [exchange, signature];
    return [...keys, `AES${bits}`, ...(mode === 'GCM' ? [mode] : []), hash].join('-');
  }
  const chacha = CHACHA.exec(name);
  return chacha === null ? name : `${chacha[1]}-${chacha[2]}-CHACHA20-POLY1305`;
}
