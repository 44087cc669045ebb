import type { ServerConfig } from '../config.ts';
import type { AuthId } from '../tree/acl.ts';
import type { AuthProvider, AuthProviders } from '../tree/auth-provider.ts';
import { DIGEST_PROVIDER, authenticateDigest } from './digest.ts';
import { IP_PROVIDER, javaAddressText } from './ip.ts';
import { X509_PROVIDER } from './x509.ts';
import { WORLD_PROVIDER } from './world.ts';

/** The schemes this server offers: what ACLs may name and how clients come by ids. */
export interface AuthSchemes {
  /** For ACL validation and checks. */
  readonly providers: AuthProviders;
  /** The ids a connection starts with: its address (as Node prints it), and who its certificate says it is. */
  idsOfConnection(stream: ConnectionOrigin): readonly AuthId[];
  /**
   * The ids that an auth packet adds to a connection, in order; `null` for a scheme that is unknown or takes no
   * such packet: reply AuthFailed (-115) and close.
   */
  authenticate(scheme: string, auth: Uint8Array, remoteAddress: string): readonly AuthId[] | null;
}

export interface ConnectionOrigin {
  readonly remoteAddress: string;
  /** See `ByteStream`. */
  readonly certificateSubject?: string | null;
}

export type AuthConfig = Pick<
  ServerConfig,
  'digestAuthEnabled' | 'digestAlgorithm' | 'superDigest' | 'x509SuperUser'
>;

export function createAuthSchemes(config: AuthConfig): AuthSchemes {
  const providers: AuthProvider[] = [WORLD_PROVIDER, IP_PROVIDER, X509_PROVIDER];
  if (config.digestAuthEnabled) providers.push(DIGEST_PROVIDER);
  const { digestAlgorithm: algorithm, superDigest } = config;
  return {
    providers: new Map(providers.map((provider) => [provider.scheme, provider])),
    idsOfConnection: ({ remoteAddress, certificateSubject = null }) => [
      ...idsOfAddress(remoteAddress),
      ...(certificateSubject === null ? [] : idsOfCertificate(certificateSubject, config.x509SuperUser)),
    ],
    authenticate(scheme, auth, remoteAddress) {
      if (scheme === 'ip') return idsOfAddress(remoteAddress);
      if (scheme !== 'digest' || !config.digestAuthEnabled) return null;
      return authenticateDigest(auth, { algorithm, superDigest });
    },
  };
}

function idsOfCertificate(subject: string, superUser: string | null): readonly AuthId[] {
  const own = { scheme: X509_PROVIDER.scheme, id: subject };
  return subject === superUser ? [own, { scheme: 'super', id: '' }] : [own];
}

function idsOfAddress(remoteAddress: string): readonly AuthId[] {
  return [{ scheme: 'ip', id: javaAddressText(remoteAddress) }];
}
