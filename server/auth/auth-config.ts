import type { Secret } from '../secret.ts';
import type { DigestAlgorithm } from './digest-algorithm.ts';

/** What zoo.cfg says on who clients are and who of them is let in. */
export interface AuthConfig {
  readonly digestEnabled: boolean;
  readonly digestAlgorithm: DigestAlgorithm;
  /** `user:base64`; whoever authenticates to it bypasses every ACL. */
  readonly superDigest: Secret | null;
  /** What clients may call the ensemble that they mean; null where the scheme `ensemble` is not offered. */
  readonly ensembleNames: ReadonlySet<string> | null;
  readonly sasl: SaslConfig;
  /** Whoever shows a certificate with this subject bypasses every ACL; null: nobody does. */
  readonly x509SuperUser: string | null;
  /** Whether ACLs may name users of SASL. */
  readonly hasSaslAcls: boolean;
  /** Of which a connection must have one before it may ask for anything; null: nobody has to be anybody. */
  readonly requiredSchemes: ReadonlySet<string> | null;
}

export interface SaslConfig {
  /** Passwords by name; null: clients cannot authenticate by SASL. */
  readonly users: ReadonlyMap<string, Secret> | null;
  /** Who of them bypasses every ACL. */
  readonly superUsers: ReadonlySet<string>;
  /** What an ACL says that means any of them; null: nothing does. */
  readonly anyUser: string | null;
  /** Whether who has failed may stay, as nobody. */
  readonly keepsFailed: boolean;
}
