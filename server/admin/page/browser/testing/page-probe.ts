/*
 * What a test asks the page. Each function is sent into the browser as text, so it may use nothing of this module.
 */

/** What can be used on the page now, in its order, by id or by address. */
export function usable(): string[] {
  return [...document.querySelectorAll<HTMLElement>('a[href],button,input,select,textarea,[tabindex]')]
    .filter((each) => each.checkVisibility() && !each.hasAttribute('disabled'))
    .map((each) => each.id || (each.getAttribute('href') ?? each.tagName));
}

/** What has the focus, named as by `usable`; and whether that can be seen. */
export function focused(): { readonly name: string; readonly isSeen: boolean } {
  const { activeElement: each } = document;
  const style = each === null ? null : getComputedStyle(each);
  return {
    name: each === null ? '' : each.id || (each.getAttribute('href') ?? each.tagName),
    isSeen: style !== null && style.outlineStyle !== 'none' && style.outlineWidth !== '0px',
  };
}

/** What stands at these ids. */
export function textsOf(ids: readonly string[]): string[] {
  return ids.map((id) => document.getElementById(id)?.innerText ?? `no #${id}`);
}

/** Lines that are drawn: how many of each chart are longer than a point, and in how many colours. */
export function linesDrawn(): Record<string, { readonly lines: number; readonly colours: number }> {
  return Object.fromEntries(
    [...document.querySelectorAll('svg')].map((svg) => {
      const paths = [...svg.querySelectorAll('path')];
      return [
        svg.id,
        {
          lines: paths.filter((path) => path.getTotalLength() > 1).length,
          colours: new Set(paths.map((path) => getComputedStyle(path).stroke)).size,
        },
      ];
    }),
  );
}

/** Of text and what is behind it, the contrasts that are too low to be read by everybody, by WCAG 2 (4.5). */
export function poorContrasts(): string[] {
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- sent into the browser alone
  const channels = (colour: string): number[] => (colour.match(/[\d.]+/g) ?? []).map(Number);
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- sent into the browser alone
  const luminance = (colour: readonly number[]): number => {
    const [red = 0, green = 0, blue = 0] = colour.slice(0, 3).map((channel) => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const paperBehind = (each: Element): number[] => {
    for (let at: Element | null = each; at !== null; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || (colour[3] ?? 0) > 0) return colour;
    }
    return [255, 255, 255];
  };
  const texts = [...document.querySelectorAll<HTMLElement>('body *')].filter(
    (each) =>
      each.checkVisibility() &&
      [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()),
  );
  return texts.flatMap((each) => {
    const [ink, paper] = [luminance(channels(getComputedStyle(each).color)), luminance(paperBehind(each))];
    const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    return contrast >= 4.5 ? [] : [`${each.tagName} ${each.innerText.slice(0, 20)}: ${contrast.toFixed(2)}`];
  });
}

export interface GotIn {
  readonly script: string;
  readonly markup: string;
  /** The directive by which an image was. */
  readonly image: string;
}

/** Does what an attacker would who could put something into the page, and tells how far it came. */
export async function whatGetsIn(): Promise<GotIn> {
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- sent into the browser alone
  const outcomeOf = (attempt: () => void): string => {
    try {
      attempt();
      return 'done';
    } catch (error) {
      return (error as Error).name;
    }
  };
  const script = outcomeOf(() => {
    document.createElement('script').textContent = 'document.title = "pwned"';
  });
  const markup = outcomeOf(() => {
    document.body.innerHTML = '<b>pwned</b>';
  });
  const image = await new Promise<string>((resolve) => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
      if (effectiveDirective !== 'require-trusted-types-for') resolve(effectiveDirective);
    });
    const picture = document.createElement('img');
    picture.src = '/commands/ruok';
    document.body.append(picture);
  });
  return { script, markup, image };
}
