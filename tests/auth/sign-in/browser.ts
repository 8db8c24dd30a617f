import { expect } from 'vitest';
import type { Answer, Service } from '../../support/service/service.ts';

/** A browser at the console: it keeps cookies, and says where its requests come from. */
export interface Browser {
  readonly cookies: ReadonlyMap<string, string>;
  call(
    path: string,
    call?: { method?: string; body?: unknown; headers?: Record<string, string> },
  ): Promise<Answer>;
  /** Keeps the cookies of an answer. */
  keep(headers: Headers): void;
}

/** A browser that has opened the console at the address of the service. */
export function openBrowser(service: Pick<Service, 'call' | 'origin'>): Browser {
  const cookies = new Map<string, string>();
  const keep = (headers: Headers) => {
    for (const line of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0/.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
  };
  return {
    cookies,
    keep,
    async call(path, { method, body, headers = {} } = {}) {
      const answer = await service.call(path, {
        ...(method !== undefined && { method }),
        ...(body !== undefined && { body }),
        token: null,
        headers: {
          ...(cookies.size > 0 && {
            cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
          }),
          origin: service.origin,
          'sec-fetch-site': 'same-origin',
          ...headers,
        },
      });
      keep(answer.headers);
      return answer;
    },
  };
}

/** Signs a browser in. */
export async function signInWith(browser: Browser, proof: Record<string, string>): Promise<Answer> {
  const answer = await browser.call('/console/session', { method: 'POST', body: proof });
  expect(answer).toMatchObject({ status: 201 });
  return answer;
}
