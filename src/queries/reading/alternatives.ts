/**
 * The values that a filter accepts: those between its commas. The whole text is one too, because a name may contain a
 * comma.
 */
export function alternativesOf(filter: string): string | string[] {
  const parts = filter.split(',').map((part) => part.trim());
  return parts.length === 1 ? filter : [filter, ...parts.filter((part) => part !== '')];
}
