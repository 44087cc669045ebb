import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Why tests that need certificates are skipped; false: they are not. */
export function whyNoCertificates(): string | false {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'no openssl in PATH';
  }
}

export interface Identity {
  readonly key: string;
  readonly certificate: string;
  /** Both in one file. */
  readonly pem: string;
}

/** An authority and what it has signed, made anew for each test: files below `directory`. */
export class TestAuthority {
  readonly certificate: string;
  readonly #directory: string;
  readonly #key: string;

  constructor(directory: string, name = 'authority') {
    this.#directory = directory;
    this.#key = join(directory, `${name}.key`);
    this.certificate = join(directory, `${name}.crt`);
    const about = ['-out', this.certificate, '-days', '2', '-subj', `/CN=${name}`];
    this.#openssl('req', '-x509', ...newKey(this.#key), ...about);
  }

  /** `subject` and `names` as OpenSSL takes them: `/O=Example/CN=client`, `DNS:zoo1,IP:10.0.0.1`. */
  issue(name: string, subject: string, names = 'DNS:localhost,IP:127.0.0.1'): Identity {
    const [key, request, certificate, pem] = ['key', 'csr', 'crt', 'pem'].map((extension) =>
      join(this.#directory, `${name}.${extension}`),
    ) as [string, string, string, string];
    const extensions = join(this.#directory, `${name}.ext`);
    writeFileSync(extensions, `subjectAltName=${names}\n`);
    this.#openssl('req', '-new', ...newKey(key), '-out', request, '-subj', subject);
    const signing = ['-CA', this.certificate, '-CAkey', this.#key, '-CAcreateserial', '-days', '2'];
    this.#openssl('x509', '-req', '-in', request, '-out', certificate, ...signing, '-extfile', extensions);
    writeFileSync(pem, readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8'));
    return { key, certificate, pem };
  }

  /** The same as a PKCS12 store, with the authority's certificate. */
  pkcs12({ key, certificate }: Identity, password: string): string {
    const store = certificate.replace(/crt$/, 'p12');
    this.#openssl(
      'pkcs12',
      '-export',
      '-inkey',
      key,
      '-in',
      certificate,
      '-certfile',
      this.certificate,
      '-out',
      store,
      '-passout',
      `pass:${password}`,
    );
    return store;
  }

  #openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: 'pipe' });
  }
}

function newKey(file: string): string[] {
  return ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file];
}
