import type { Run } from './peer.ts';
import { SCENARIOS } from './scenarios/index.ts';
import { Transcript } from './transcript.ts';

/** What the server must be configured with for the sequence; lines of a zoo.cfg. */
export const SEQUENCE_CONFIG: Readonly<Record<string, string>> = {
  tickTime: '500',
  minSessionTimeout: '1000',
  maxSessionTimeout: '60000',
  '4lw.commands.whitelist': '*',
  extendedTypesEnabled: 'true',
  'admin.enableServer': 'false',
  // The password is "test".
  'DigestAuthenticationProvider.superDigest': 'super:D/InIHSb7yEEbrWz8b9l71RjZJU=',
};

/**
 * Plays the sequence against the server at `address` (`host:port`), which must be new: an empty tree, and no
 * other client. `without` names scenarios to leave out.
 *
 * @throws Error when a connection is refused or a server neither answers nor closes.
 */
export async function runSequence(address: string, without: Iterable<string> = []): Promise<Transcript> {
  const run: Run = { address, transcript: new Transcript() };
  const leftOut = new Set(without);
  for (const [name, scenario] of SCENARIOS) {
    if (leftOut.has(name)) continue;
    run.transcript.beginScenario(name);
    await scenario(run);
  }
  return run.transcript;
}
