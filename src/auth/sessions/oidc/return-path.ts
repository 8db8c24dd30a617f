/** Only for resolving paths; nothing is ever sent there. */
const NOWHERE = 'http://nowhere.invalid';
const CONSOLE = '/console/';
const LONGEST = 1_000;

/**
 * The page of the console to return to after signing in, with its query and fragment. Anything that is no page of the
 * console gives its first page, so no link can lead elsewhere. Pure.
 * @param basePath the path of PUBLIC_URL, which pages behind a proxy have before their own
 */
export function returnPath(given: string | undefined, basePath = ''): string {
  if (given === undefined || given.length > LONGEST || !given.startsWith('/')) return CONSOLE;
  // Browsers read a backslash as a slash, and drop control characters.
  if (/[\\\p{Cc}]/u.test(given) || given.startsWith('//')) return CONSOLE;
  const own =
    basePath !== '' && given.startsWith(`${basePath}${CONSOLE}`) ? given.slice(basePath.length) : given;
  const url = URL.canParse(own, NOWHERE) ? new URL(own, NOWHERE) : undefined;
  if (url?.origin !== NOWHERE || !url.pathname.startsWith(CONSOLE)) return CONSOLE;
  return `${url.pathname}${url.search}${url.hash}`;
}
