import { statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import type { Log } from '../../base/log.ts';
import { identityIn, trustedIn } from './key-store.ts';
import type { TlsConfig } from './tls-config.ts';

/** Between two looks whether a file is another one by now. */
const LOOK_MS = 1000;

/**
 * The server's key and whom it trusts. Files that are replaced while it runs count, where that is wanted, from the next
 * handshake on, a second later at most; what cannot be read then is told of, and the old ones stay in force.
 */
export class KeyMaterial {
  readonly #config: TlsConfig;
  readonly #log: Log;
  readonly #nowMs: () => number;
  #context: SecureContext;
  #stamp: string;
  #lookedAtMs: number;

  /** @throws the system's error, OpenSSL's, or KeyStoreError, for files that cannot be used. */
  constructor(config: TlsConfig, { log, nowMs }: { readonly log: Log; readonly nowMs: () => number }) {
    this.#config = config;
    this.#log = log;
    this.#nowMs = nowMs;
    this.#stamp = this.#stampNow();
    this.#context = createSecureContext(contextOptions(config));
    this.#lookedAtMs = nowMs();
  }

  current(): SecureContext {
    const nowMs = this.#nowMs();
    if (!this.#config.isReloaded) return this.#context;
    if (nowMs - this.#lookedAtMs < LOOK_MS) return this.#context;
    this.#lookedAtMs = nowMs;
    try {
      const stamp = this.#stampNow();
      if (stamp !== this.#stamp) {
        this.#stamp = stamp;
        this.#context = createSecureContext(contextOptions(this.#config));
        this.#log.info('Tls', `read again: ${this.#paths().join(', ')}`);
      }
    } catch (error) {
      this.#log.warn('Tls', `what there was stays in force: ${(error as Error).message}`);
    }
    return this.#context;
  }

  #stampNow(): string {
    return this.#paths()
      .map((path) => {
        // Not when it was written: one that may be read only now has the time that it had.
        const { ctimeMs, size, ino } = statSync(path);
        return `${ctimeMs} ${size} ${ino}`;
      })
      .join(';');
  }

  #paths(): string[] {
    const { keyStore, trustStore } = this.#config;
    return [keyStore.path, ...(trustStore === null ? [] : [trustStore.path])];
  }
}

function contextOptions(config: TlsConfig): SecureContextOptions {
  const { keyStore, trustStore, minVersion, maxVersion, ciphers } = config;
  return {
    ...identityIn(keyStore),
    ...(trustStore === null ? {} : trustedIn(trustStore)),
    minVersion,
    maxVersion,
    // Who resumes a session, as Java does, is refused by OpenSSL where certificates are asked for and this is not said.
    sessionIdContext: 'stampede',
    ...(ciphers === null ? {} : { ciphers }),
  };
}
