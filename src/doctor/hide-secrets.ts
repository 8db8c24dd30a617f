import { type Setting, settings } from '../settings.ts';

/** Shorter values would hide ordinary words. */
const SHORTEST = 4;

/** Makes a function that replaces the values of secret settings in a text, and the passwords in their URLs. */
export function secretHider(env: Readonly<Record<string, string | undefined>>): (text: string) => string {
  const secrets = Object.values<Setting<unknown>>(settings)
    .filter(({ secret }) => secret)
    .flatMap(({ env: name }) => partsOf(env[name] ?? ''))
    .filter((part) => part.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((shown, part) => shown.replaceAll(part, '(hidden)'), text);
}

/** The value, and of a URL its password and path, which are the secrets of webhooks. */
function partsOf(value: string): string[] {
  const text = value.trim();
  if (!URL.canParse(text)) return [text];
  const { password, pathname, protocol } = new URL(text);
  const path = protocol.startsWith('http') && pathname.length > 8 ? [pathname] : [];
  return [text, password, decodeURIComponent(password), ...path];
}
