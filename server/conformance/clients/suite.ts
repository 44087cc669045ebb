/** One thing a client was asked to do. */
export interface CaseResult {
  readonly name: string;
  readonly ok: boolean;
  /** What went wrong; empty when nothing did. */
  readonly detail: string;
}

/** A third-party client, unmodified, and what it is made to do against a server. */
export interface ClientSuite {
  /** As `--clients` names it. */
  readonly name: string;
  /** Why it cannot run on this machine; false when it can. */
  readonly whyUnavailable: () => string | false;
  /**
   * Plays all cases against `host:port`.
   * @throws Error when the client itself cannot be run, as opposed to a case that fails.
   */
  readonly run: (address: string) => Promise<CaseResult[]>;
}

/** Runs one case: whatever it throws is its failure. */
export async function runCase(name: string, body: () => Promise<void>): Promise<CaseResult> {
  try {
    await body();
    return { name, ok: true, detail: '' };
  } catch (error) {
    return {
      name,
      ok: false,
      detail: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  }
}
