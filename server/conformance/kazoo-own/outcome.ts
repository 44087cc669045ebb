/** How one of kazoo's own tests went; what results_plugin.py writes. */
export interface Outcome {
  /** `test_client.py::TestClient::test_create` */
  readonly name: string;
  /** `started`: it was never heard of again, because it hung. */
  readonly outcome: 'passed' | 'failed' | 'skipped' | 'started';
  readonly seconds: number;
  /** Why it failed or was skipped. */
  readonly detail: string;
}

/** One line each, of which the last about a test counts; in the order in which they began. */
export function parseOutcomes(text: string): Outcome[] {
  const outcomes = new Map<string, Outcome>();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const outcome = JSON.parse(line) as Outcome;
    outcomes.set(outcome.name, outcome);
  }
  return [...outcomes.values()];
}
