import type { Authenticator } from '../pipeline/authenticator.ts';
import type { AuthId } from '../tree/acl.ts';
import type { AuthProvider, AuthProviders } from '../tree/auth-provider.ts';
import { ErrorCode } from '../wire/error-code.ts';
import type { AuthConfig } from './auth-config.ts';
import { DIGEST_PROVIDER, authenticateDigest } from './digest.ts';
import { ENSEMBLE_PROVIDER, isEnsembleMeant } from './ensemble-name.ts';
import { IP_PROVIDER, javaAddressText } from './ip.ts';
import { beginSasl, createSaslProvider } from './sasl.ts';
import { X509_PROVIDER } from './x509.ts';
import { WORLD_PROVIDER } from './world.ts';

/** The schemes this server offers: what ACLs may name and how clients come by ids. */
export interface AuthSchemes extends Authenticator {
  /** For ACL validation and checks. */
  readonly providers: AuthProviders;
}

export function createAuthSchemes(config: AuthConfig): AuthSchemes {
  const { digestAlgorithm: algorithm, superDigest, ensembleNames, requiredSchemes } = config;
  return {
    providers: createProviders(config),
    idsOfConnection: ({ remoteAddress, certificateSubject }) => [
      ...idsOfAddress(remoteAddress),
      ...(certificateSubject === null || certificateSubject === undefined
        ? []
        : idsOfCertificate(certificateSubject, config.x509SuperUser)),
    ],
    authenticate(scheme, auth, remoteAddress) {
      if (scheme === 'ip') return idsOfAddress(remoteAddress);
      if (scheme === 'digest' && config.digestEnabled)
        return authenticateDigest(auth, { algorithm, superDigest });
      if (scheme === 'ensemble' && ensembleNames !== null)
        return isEnsembleMeant(auth, ensembleNames) ? [] : 'cut-off';
      return null;
    },
    admits: (ids) => requiredSchemes === null || ids.some(({ scheme }) => requiredSchemes.has(scheme)),
    beginSasl: () => beginSasl(config.sasl),
    saslFailure: saslFailure(config),
  };
}

function idsOfCertificate(subject: string, superUser: string | null): readonly AuthId[] {
  const own = { scheme: X509_PROVIDER.scheme, id: subject };
  return subject === superUser ? [own, { scheme: 'super', id: '' }] : [own];
}

function saslFailure({ requiredSchemes, sasl }: AuthConfig): ErrorCode {
  if (requiredSchemes?.has('sasl') === true) return ErrorCode.sessionClosedRequireSaslAuth;
  return sasl.keepsFailed ? ErrorCode.ok : ErrorCode.authFailed;
}

export function createProviders(config: Omit<AuthConfig, 'requiredSchemes'>): AuthProviders {
  const providers: AuthProvider[] = [WORLD_PROVIDER, IP_PROVIDER, X509_PROVIDER];
  if (config.digestEnabled) providers.push(DIGEST_PROVIDER);
  if (config.ensembleNames !== null) providers.push(ENSEMBLE_PROVIDER);
  if (config.hasSaslAcls) providers.push(createSaslProvider(config.sasl));
  return new Map(providers.map((provider) => [provider.scheme, provider]));
}

function idsOfAddress(remoteAddress: string): readonly AuthId[] {
  return [{ scheme: 'ip', id: javaAddressText(remoteAddress) }];
}
