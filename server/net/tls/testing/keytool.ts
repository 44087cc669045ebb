import { execFileSync } from 'node:child_process';

/** @throws Error if there is none, or it refuses. */
export function keytool(...args: readonly string[]): void {
  execFileSync('keytool', args, { stdio: 'pipe' });
}

/** Why tests that need it are skipped; false: they are not. */
export function whyNoKeytool(): string | false {
  try {
    // Without starting a JVM to learn it.
    execFileSync('sh', ['-c', 'command -v keytool'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'no keytool in PATH (Debian: apt-get install openjdk-17-jre-headless)';
  }
}
