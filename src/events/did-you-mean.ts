/** Single-character edits that make `a` into `b` (Levenshtein 1966), by the two-row table of Wagner and Fischer. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const LONGEST = 100;

/**
 * The known name that is nearest to an unknown one, if it is near enough to be meant.
 * @param most the most edits between the two; by default two, or a third of the name
 */
export function didYouMean(given: string, known: Iterable<string>, most?: number): string | undefined {
  const plain = given.slice(0, LONGEST).toLowerCase();
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    if (plain !== '' && name.toLowerCase().endsWith(`.${plain}`)) return name;
    const found = distance(plain, name.toLowerCase());
    if (found <= (most ?? Math.max(2, name.length / 3)) && (!best || found < best.distance)) {
      best = { name, distance: found };
    }
  }
  return best?.name;
}
