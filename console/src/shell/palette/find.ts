/**
 * The entries that a few letters mean, the best first. Best is a text that begins with them, then one with a word that does.
 * Then come texts that contain them, and those that have the letters in this order.
 */
export function find<Entry extends { text: string }>(entries: readonly Entry[], typed: string): Entry[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return [...entries];
  const letters = new RegExp(
    [...wanted].map((letter) => letter.replace(/[^\p{L}\p{N}]/u, '\\$&')).join('.*?'),
  );
  return entries
    .map((entry) => ({ entry, rank: rankOf(entry.text.toLowerCase(), wanted, letters) }))
    .filter(({ rank }) => rank < 4)
    .sort((one, other) => one.rank - other.rank)
    .map(({ entry }) => entry);
}

function rankOf(text: string, wanted: string, letters: RegExp): number {
  if (text.startsWith(wanted)) return 0;
  if (text.split(/[^\p{L}\p{N}]+/u).some((word) => word.startsWith(wanted))) return 1;
  if (text.includes(wanted)) return 2;
  return letters.test(text) ? 3 : 4;
}
