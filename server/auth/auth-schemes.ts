import type { ServerConfig } from '../config.ts';
import type { AuthId } from '../tree/acl.ts';
import type { AuthProvider, AuthProviders } from '../tree/auth-provider.ts';
import { DIGEST_PROVIDER, authenticateDigest } from './digest.ts';
import { IP_PROVIDER, javaAddressText } from './ip.ts';
import { WORLD_PROVIDER } from './world.ts';

/** The schemes this server offers: what ACLs may name and how clients come by ids. */
export interface AuthSchemes {
  /** For ACL validation and checks. */
  readonly providers: AuthProviders;
  /** The ids every connection from `remoteAddress` (as Node prints it) starts with. */
  idsOfAddress(remoteAddress: string): readonly AuthId[];
  /**
   * The ids that an auth packet adds to a connection, in order; `null` for a scheme that is unknown or takes no
   * such packet: reply AuthFailed (-115) and close.
   */
  authenticate(scheme: string, auth: Uint8Array, remoteAddress: string): readonly AuthId[] | null;
}

export type AuthConfig = Pick<ServerConfig, 'digestAuthEnabled' | 'digestAlgorithm' | 'superDigest'>;

export function createAuthSchemes(config: AuthConfig): AuthSchemes {
  const providers: AuthProvider[] = [WORLD_PROVIDER, IP_PROVIDER];
  if (config.digestAuthEnabled) providers.push(DIGEST_PROVIDER);
  const { digestAlgorithm: algorithm, superDigest } = config;
  return {
    providers: new Map(providers.map((provider) => [provider.scheme, provider])),
    idsOfAddress,
    authenticate(scheme, auth, remoteAddress) {
      if (scheme === 'ip') return idsOfAddress(remoteAddress);
      if (scheme !== 'digest' || !config.digestAuthEnabled) return null;
      return authenticateDigest(auth, { algorithm, superDigest });
    },
  };
}

function idsOfAddress(remoteAddress: string): readonly AuthId[] {
  return [{ scheme: 'ip', id: javaAddressText(remoteAddress) }];
}
