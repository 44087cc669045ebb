/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/*
 * What a test asks a page. Each function is sent into the browser as text, so it may use nothing of this
 * module but its own parameters.
 */

export type PageFacts = {
  readonly heading: string;
  readonly text: string;
  readonly paper: string;
  readonly widthPx: number;
  readonly language: string;
  readonly images: number;
  readonly scripts: number;
  readonly links: readonly string[];
  readonly tables: string;
  readonly chartsShown: number;
  /** Captions of the tables that lack a caption, a heading or a box that can be focused. */
  readonly poorTables: readonly string[];
};

export function pageFacts(): PageFacts {
  const tables = [...document.querySelectorAll('table')].filter((table) => table.closest('.chart') === null);
  return {
    heading: document.querySelector('h1')?.textContent.trim() ?? '',
    text: document.body.innerText,
    paper: getComputedStyle(document.body).backgroundColor,
    widthPx: document.documentElement.scrollWidth,
    language: document.documentElement.lang,
    images: document.querySelectorAll('img').length,
    scripts: document.querySelectorAll('script').length,
    links: [...document.querySelectorAll<HTMLAnchorElement>('main a')].map((link) => link.href),
    tables: tables.map((table) => table.innerText).join('\n'),
    chartsShown: [...document.querySelectorAll('.chart')].filter((chart) => chart.checkVisibility()).length,
    poorTables: tables
      .filter(
        (table) =>
          (table.caption?.textContent ?? '').trim() === '' ||
          table.querySelectorAll('thead th[scope=col]').length === 0 ||
          [...(table.tBodies[0]?.rows ?? [])].some((row) => row.querySelector('th[scope=row]') === null) ||
          table.parentElement?.tabIndex !== 0,
      )
      .map((table) => table.caption?.textContent ?? 'no caption'),
  };
}

/** For each chart, how many pixels of its canvas have the colour its legend gives one of its lines. */
export function inkOfCharts(): Record<string, number> {
  const ink: Record<string, number> = {};
  for (const chart of document.querySelectorAll('.chart')) {
    const canvas = chart.querySelector('canvas');
    const markers = [...chart.querySelectorAll('.u-series:not(:first-child) .u-marker')];
    const colours = markers.map((marker) =>
      (/\d+, \d+, \d+/.exec(getComputedStyle(marker).borderTopColor)?.[0] ?? '0, 0, 0')
        .split(', ')
        .map(Number),
    );
    ink[chart.id] = 0;
    const image = canvas?.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    for (let at = 0; at < image.length; at += 4) {
      const isInk = colours.some((colour) =>
        colour.every((part, index) => Math.abs(part - (image[at + index] ?? 0)) < 24),
      );
      if (isInk && (image[at + 3] ?? 0) > 200) ink[chart.id] = (ink[chart.id] ?? 0) + 1;
    }
  }
  return ink;
}

export type StripFacts = {
  readonly name: string;
  /** What its pieces are, in order, without the faults behind them; none is too narrow to be seen. */
  readonly pieces: readonly string[];
  readonly widthsPx: readonly number[];
  readonly colours: readonly string[];
  readonly bandPx: number;
};

/** The strips of availability and of roles. */
export function stripFacts(): StripFacts[] {
  return [...document.querySelectorAll('.strip:not(.names)')].map((strip) => {
    const rects = [...strip.querySelectorAll('rect')];
    const pieces = rects.filter((rect) => !rect.classList.contains('band'));
    const band = rects.find((rect) => rect.classList.contains('band'));
    return {
      name: strip.querySelector('span')?.textContent.trim() ?? '',
      pieces: pieces.map((rect) => rect.getAttribute('class') ?? ''),
      widthsPx: pieces.map((rect) => rect.getBoundingClientRect().width),
      colours: pieces.map((rect) => getComputedStyle(rect).fill),
      bandPx: band?.getBoundingClientRect().width ?? 0,
    };
  });
}

/** Does what an attacker would, and tells which directives of the page's policy said no to how much. */
export async function provokePolicy(): Promise<string[]> {
  const refused: string[] = [];
  const heard = new Promise<string[]>((resolve) => {
    document.addEventListener('securitypolicyviolation', (event) => {
      refused.push(event.effectiveDirective);
      if (refused.length === 2) resolve(refused);
    });
  });
  const script = document.createElement('script');
  script.textContent = 'document.title = "pwned"';
  document.body.append(script);
  const image = document.createElement('img');
  image.src = 'https://example.invalid/x.png';
  document.body.append(image);
  return await heard;
}

/** The anchor in the address, and how what it points to begins. */
export function whereItPoints(): string {
  const target = document.querySelector(':target');
  return `${location.hash} ${target?.textContent.trim().split('\n')[0] ?? ''}`;
}

export type PlotFacts = {
  readonly dots: number;
  readonly dotsOutside: number;
  readonly lines: number;
  readonly linesOutside: number;
  /** Of the dots, how many different ones. */
  readonly colours: number;
};

/** Of a comparison: whether what is drawn lies within its plot. */
export function plotFacts(): PlotFacts {
  const dots = [...document.querySelectorAll('.rounds circle')];
  // Sent into the browser as text: it can use nothing from outside.
  // oxlint-disable-next-line unicorn/consistent-function-scoping
  const isOutside = (mark: Element): boolean => {
    const inner = mark.getBoundingClientRect();
    const outer = mark.closest('svg')?.getBoundingClientRect();
    return outer === undefined || inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.width === 0;
  };
  const lines = [...document.querySelectorAll('.courses polyline')];
  return {
    dots: dots.length,
    dotsOutside: dots.filter(isOutside).length,
    lines: lines.length,
    linesOutside: lines.filter(isOutside).length,
    colours: new Set(dots.map((dot) => getComputedStyle(dot).fill)).size,
  };
}

export type SeriesPlotFacts = {
  readonly label: string | null;
  readonly points: number;
  readonly lines: number;
  readonly colours: number;
  readonly words: readonly (string | null)[];
};

/** Of each plot: how many points it has, that can be seen, and how many lines between them. */
export function seriesPlotFacts(): readonly SeriesPlotFacts[] {
  return [...document.querySelectorAll('.plot svg')].map((svg) => {
    const boxes = [...svg.querySelectorAll('circle')].map((circle) => circle.getBoundingClientRect());
    const frame = svg.getBoundingClientRect();
    return {
      label: svg.getAttribute('aria-label'),
      points: boxes.filter(
        ({ left, right, top, bottom, width }) =>
          width > 0 &&
          left >= frame.left &&
          right <= frame.right &&
          top >= frame.top &&
          bottom <= frame.bottom,
      ).length,
      lines: svg.querySelectorAll('g line').length,
      colours: new Set([...svg.querySelectorAll('circle')].map((circle) => getComputedStyle(circle).fill))
        .size,
      words: [...svg.querySelectorAll('text')].map((text) => text.textContent),
    };
  });
}
