/** One thing done to the server and everything that was observed until it was over. */
export interface Step {
  /** `scenario.n`, the same in every run. */
  readonly id: string;
  /** Who did what: `A create /c "x"`. */
  readonly request: string;
  /** In the order of arrival. */
  readonly observed: string[];
}

/**
 * Writes down what a server does so that two servers, or one server on two days, give the same text.
 *
 * What differs by nature is replaced by what it means: a zxid by the step that made it, a session id by the
 * name of its session. What does not differ by nature stays as it is.
 */
export class Transcript {
  readonly steps: Step[] = [];
  #scenario = '';
  #stepInScenario = 0;
  /** Ascending. The step at which each zxid was first told to anyone. */
  readonly #zxids: { zxid: number; step: string }[] = [];
  readonly #sessions = new Map<bigint, string>();

  /** The zxid of the newest transaction anyone was told of, 0 at first. */
  get lastZxid(): number {
    return this.#zxids.at(-1)?.zxid ?? 0;
  }

  beginScenario(name: string): void {
    this.#scenario = name;
    this.#stepInScenario = 0;
  }

  begin(request: string): Step {
    const id = `${this.#scenario}.${++this.#stepInScenario}`;
    const step: Step = { id, request: printable(request), observed: [] };
    this.steps.push(step);
    return step;
  }

  observe(step: Step, line: string): void {
    step.observed.push(printable(line));
  }

  nameSession(id: bigint, name: string): void {
    this.#sessions.set(id, name);
  }

  session(id: bigint): string {
    if (id === 0n) return '0';
    return this.#sessions.get(id) ?? `0x${BigInt.asUintN(64, id).toString(16)}`;
  }

  /** Session ids in free text (four-letter words print them in hex). */
  nameSessionsIn(text: string): string {
    return text.replace(/0x[0-9a-f]{9,16}/g, (hex) => this.session(BigInt.asIntN(64, BigInt(hex))));
  }

  /**
   * A reply header's zxid: how many transactions after the newest one known so far. So it shows each
   * transaction where it was consumed, and a reply that goes back in time as a negative number.
   */
  headerZxid(zxid: number, step: Step): string {
    if (zxid <= 0) return `zxid=${zxid}`;
    const delta = zxid - this.lastZxid;
    if (this.#zxids.length === 0) {
      this.#zxids.push({ zxid, step: step.id });
      return 'zxid=first';
    }
    if (delta > 0) this.#zxids.push({ zxid, step: step.id });
    return `zxid+${delta}`;
  }

  /** A zxid inside a record: the step that first reported it, or the nearest before it and the distance. */
  zxid(zxid: number): string {
    if (zxid <= 0) return String(zxid);
    // The newest are asked for most.
    const found = this.#zxids.findLast((known) => known.zxid <= zxid);
    if (found === undefined) return 'before-first';
    const distance = zxid - found.zxid;
    return distance === 0 ? `@${found.step}` : `@${found.step}+${distance}`;
  }
}

export function formatTranscript(steps: readonly Step[]): string {
  const lines: string[] = [];
  for (const step of steps) {
    lines.push(`${step.id} ${step.request}`, ...step.observed.map((line) => `    ${line}`));
  }
  return `${lines.join('\n')}\n`;
}

/** Paths hold anything; a transcript holds ASCII, so that it can be read as a diff. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The steps of all scenarios but these. */
export function stepsWithout(steps: readonly Step[], scenarios: Iterable<string>): Step[] {
  const leftOut = new Set(scenarios);
  return steps.filter((step) => !leftOut.has(step.id.slice(0, step.id.lastIndexOf('.'))));
}

/** Reads back what `formatTranscript` wrote. */
export function parseTranscript(text: string): Step[] {
  const steps: Step[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    if (line.startsWith('    ')) {
      steps.at(-1)?.observed.push(line.slice(4));
    } else {
      const space = line.indexOf(' ');
      steps.push({ id: line.slice(0, space), request: line.slice(space + 1), observed: [] });
    }
  }
  return steps;
}
