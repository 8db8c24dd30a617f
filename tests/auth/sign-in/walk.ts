/** A browser that follows redirects between the service and the provider, and keeps cookies by origin. */
export interface Walker {
  cookiesOf(origin: string): Map<string, string>;
  /** Follows redirects until the address matches, or nothing redirects any more. */
  open(address: string, until?: RegExp): Promise<Page>;
  /** One request, without following. */
  get(address: string, init?: RequestInit): Promise<Response>;
}

export interface Page {
  address: string;
  /** Absent where the walk stopped before it asked for the address. */
  response?: Response;
}

const MOST_STEPS = 20;

export function openWalker(): Walker {
  const jars = new Map<string, Map<string, string>>();
  const cookiesOf = (origin: string) => {
    const jar = jars.get(origin) ?? new Map<string, string>();
    jars.set(origin, jar);
    return jar;
  };
  const get = async (address: string, init: RequestInit = {}) => {
    const jar = cookiesOf(new URL(address).origin);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = {
      ...(cookie !== '' && { cookie }),
      ...(init.headers as Record<string, string> | undefined),
    };
    const response = await fetch(address, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };
  return {
    cookiesOf,
    get,
    async open(address, until) {
      let current = address;
      for (let step = 0; step < MOST_STEPS; step++) {
        if (until?.test(current)) return { address: current };
        const response = await get(current);
        const location = response.headers.get('location');
        if (location === null) return { address: current, response };
        current = new URL(location, current).href;
      }
      throw new Error(`the walk goes on and on, and is at ${current}`);
    },
  };
}
