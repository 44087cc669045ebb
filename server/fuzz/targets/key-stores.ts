import { readJks } from '../../net/tls/jks.ts';
import { KeyStoreError } from '../../net/tls/key-store-error.ts';
import { readPkcs12 } from '../../net/tls/pkcs12.ts';
import { jksBody, sealJks } from '../../net/tls/testing/make-jks.ts';
import { makePkcs12 } from '../../net/tls/testing/make-pkcs12.ts';
import type { Mutator } from '../mutator.ts';
import { expecting, type FuzzTarget } from '../target.ts';

const PASSWORD = 'changeit';
const bytes = (length: number): Uint8Array => new Uint8Array(length).map((_, i) => i * 31);
const key = { key: bytes(1217), chain: [bytes(800), bytes(700)] };

/** A key store of Java's own with the right digest, and any content. */
export const jksStore: FuzzTarget = {
  name: 'jks-store',
  corpus: [
    jksBody({ keys: [key] }, PASSWORD),
    jksBody({ trusted: [bytes(800), bytes(40)] }, PASSWORD),
    jksBody({ keys: [{ key: bytes(61), chain: [] }, key], trusted: [bytes(3)], version: 1 }, PASSWORD),
  ],
  mutate: (mutator: Mutator) => sealJks(mutator.any(), PASSWORD),
  run: (input) => expecting(KeyStoreError, () => void readJks(input, PASSWORD)),
};

/** A PKCS12 store without a digest, which it need not have; clear, so that changes get far, and encrypted. */
export const pkcs12Store: FuzzTarget = {
  name: 'pkcs12-store',
  corpus: [
    makePkcs12({ keys: [key.key], certificates: key.chain }),
    makePkcs12({ trusted: [bytes(800), bytes(40)] }),
    makePkcs12({ keys: [bytes(61)], certificates: [bytes(3)], trusted: [bytes(300)] }, PASSWORD),
  ],
  run: (input) => expecting(KeyStoreError, () => void readPkcs12(input, PASSWORD)),
};
