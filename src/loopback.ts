import { isIP } from 'node:net';

/** Whether a host, as in a URL or in a setting, is this machine alone: `localhost`, `127.…` or `::1`. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return (
    name === 'localhost' ||
    name.endsWith('.localhost') ||
    name === '::1' ||
    (isIP(name) === 4 && name.startsWith('127.'))
  );
}

/** The host of an authority such as `127.0.0.1:8084` or `[::1]:8084`; `undefined` if it is none. */
export function hostOf(authority: string | undefined): string | undefined {
  const url = `http://${authority}`;
  return authority !== undefined && URL.canParse(url) ? new URL(url).hostname : undefined;
}
