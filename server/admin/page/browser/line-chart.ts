import { byId } from './dom.ts';

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 600;
const HEIGHT = 120;
/** Seconds, as the page looks once a second. */
export const SAMPLES_MAX = 120;

/** Lines over the last two minutes, the newest at the right; a gap where there was nothing. */
export class LineChart {
  readonly #id: string;
  readonly #unit: string;
  readonly #names: readonly string[];
  readonly #samples: (readonly (number | null)[])[] = [];

  /** @param id of an empty `<svg>`; beside it stands `<id>-top`, where the scale's upper end is written. */
  constructor(id: string, { unit, names }: { readonly unit: string; readonly names: readonly string[] }) {
    this.#id = id;
    this.#unit = unit;
    this.#names = names;
  }

  /** One value for each name. */
  add(values: readonly (number | null)[]): void {
    this.#samples.push(values);
    if (this.#samples.length > SAMPLES_MAX) this.#samples.shift();
    this.#draw();
  }

  #draw(): void {
    const svg = byId(this.#id);
    const top = roundUp(Math.max(...this.#samples.flat().map((value) => value ?? 0)));
    byId(`${this.#id}-top`).textContent = `${top.toLocaleString('en-US')} ${this.#unit}`;
    svg.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
    svg.setAttribute('preserveAspectRatio', 'none');
    svg.setAttribute('aria-label', this.#inWords());
    svg.replaceChildren(...this.#names.map((_, line) => this.#path(line, top)));
  }

  #path(line: number, top: number): SVGElement {
    const offset = SAMPLES_MAX - this.#samples.length;
    let isDown = false;
    const steps = this.#samples.map((sample, index) => {
      const value = sample[line] ?? null;
      const step = isDown ? 'L' : 'M';
      isDown = value !== null;
      if (value === null) return '';
      const x = ((offset + index) * WIDTH) / (SAMPLES_MAX - 1);
      const y = HEIGHT - 1 - (value / top) * (HEIGHT - 2);
      // A point that stands alone is drawn as a line as wide as it is thick.
      return `${step}${x.toFixed(1)} ${y.toFixed(1)}${step === 'M' ? 'h0.1' : ''}`;
    });
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', steps.join(''));
    path.setAttribute('class', `line line-${line}`);
    return path;
  }

  #inWords(): string {
    const newest = this.#samples.at(-1) ?? [];
    const parts = this.#names.map((name, line) => {
      const value = newest[line] ?? null;
      return `${name} ${value === null ? 'none' : `${Math.round(value * 100) / 100} ${this.#unit}`}`;
    });
    return `Over the last two minutes; now: ${parts.join(', ')}`;
  }
}

/** The next of 1, 2, 5, 10, …; at least 1. */
function roundUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return ([1, 2, 5].find((factor) => factor * power >= value) ?? 10) * power;
}
