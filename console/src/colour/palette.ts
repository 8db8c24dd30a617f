/**
 * The colours of series, near those of Okabe and Ito, which differ for every kind of sight. Each has a contrast of 3:1
 * with the surface of both themes; palette.test.ts computes it.
 */
export const palette = [
  '#0f76b5', // blue
  '#d2621a', // vermilion
  '#0c9a78', // green
  '#b4689f', // purple
  '#a9821c', // ochre
  '#5b6fd6', // indigo
  '#7f8f2a', // olive
  '#c2506a', // rose
] as const;

/** Everything that has no colour of its own. */
export const otherColour = '#8b9199';

/** The surfaces that charts are drawn on. `tokens.css` has the same. */
export const surfaces = { light: '#ffffff', dark: '#171a1d' } as const;

/** FNV-1a, which spreads short names well. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

/** The colour of a name where nothing else is known: always the same. */
export function colourOf(name: string): string {
  return palette[hash(name) % palette.length] ?? otherColour;
}

/**
 * The colours of the models of an org. Each takes the colour of its name, or the next free one, in the order of the
 * names. So a model has the same colour on every page, and eight models have eight colours.
 */
export function coloursOf(names: readonly string[]): ReadonlyMap<string, string> {
  const colours = new Map<string, string>();
  const taken = new Set<number>();
  for (const name of [...new Set(names)].sort()) {
    if (taken.size === palette.length) taken.clear();
    let place = hash(name) % palette.length;
    while (taken.has(place)) place = (place + 1) % palette.length;
    taken.add(place);
    colours.set(name, palette[place] ?? otherColour);
  }
  return colours;
}
