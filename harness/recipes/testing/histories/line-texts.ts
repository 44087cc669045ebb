/** How a place in a line is written: `1p4` is that of participant 1 with the number 4. */
export type PlaceText = string;

export interface LineTexts {
  readonly take: (place: PlaceText) => string;
  readonly list: (client: number, ...places: PlaceText[]) => string;
  readonly release: (place: PlaceText) => string;
  /** Writes for a place and makes that version; without one it is refused, because the place is not there. */
  readonly write: (place: PlaceText, version?: number, ops?: string) => string;
  /** A write that nobody answers. */
  readonly writeInVain: (place: PlaceText, ops?: string) => string;
}

/** Lines of a history, for places below `line`, and what is written for them to `guard`. */
export function lineTexts({ line, guard }: { readonly line: string; readonly guard: string }): LineTexts {
  const pathOf = (place: PlaceText): string => `${line}/${nameOf(place)}`;
  return {
    take: (place) => `${place[0]} create:es ${line}/${place}- -> ${numberOf(place)}`,
    list: (client, ...places) => `${client} list ${line} -> ${places.map(nameOf).join(' ')}`,
    release: (place) => `${place[0]} delete ${pathOf(place)}`,
    write: (place, version, ops = '') => {
      const text = `${numberOf(place)} ${place}${version ?? 'x'}`;
      if (version === undefined)
        return `${place[0]} multi! check ${pathOf(place)} -1 !-101 ; ${ops}set ${guard} ${text}`;
      return `${place[0]} multi check ${pathOf(place)} -1 ; ${ops}set ${guard} ${text} -> ${version}`;
    },
    writeInVain: (place, ops = '') =>
      `${place[0]} multi check ${pathOf(place)} -1 ; ${ops}set ${guard} ${numberOf(place)} ${place}? ?`,
  };
}

export function nameOf(place: PlaceText): string {
  return `${place}-#${numberOf(place)}`;
}

export function numberOf(place: PlaceText): string {
  return place.split('p')[1] as string;
}

export function history(...lines: readonly (string | readonly string[])[]): string {
  return lines.flat().join(' | ');
}
