const FIRST_KEYS: ReadonlySet<string> = new Set(['count', 'bytes']);

/**
 * What stands in `zookeeper_limits` and `zookeeper_stats`: whole numbers by name, −1 for what is not set
 * (`StatsTrack`, protocol §1.7). Clients write these nodes, so anything may stand there: what is no number by a name
 * counts as not set.
 */
export class QuotaText {
  readonly #values = new Map<string, number>();

  constructor(data: Uint8Array | null) {
    for (const pair of asciiOf(data).split(/[,;]+/)) {
      const [name = '', value = ''] = pair.split('=');
      if (name !== '' && /^-?\d{1,15}$/.test(value)) this.#values.set(name, Number(value));
    }
  }

  get(name: string): number {
    return this.#values.get(name) ?? -1;
  }

  set(name: string, value: number): void {
    this.#values.set(name, value);
  }

  /**
   * As Apache writes it: count and bytes first, the others behind an odd "=" that makes servers before 3.7 overlook
   * them.
   */
  bytes(): Uint8Array {
    const others = [...this.#values.keys()].filter((name) => !FIRST_KEYS.has(name)).sort();
    const first = `count=${this.get('count')},bytes=${this.get('bytes')}`;
    const rest = others.map((name) => `;${name}=${this.get(name)}`).join('');
    return Uint8Array.from(rest === '' ? first : `${first}=${rest}`, (character) => character.charCodeAt(0));
  }
}

function asciiOf(data: Uint8Array | null): string {
  let text = '';
  for (const byte of data ?? []) text += String.fromCharCode(byte);
  return text;
}
