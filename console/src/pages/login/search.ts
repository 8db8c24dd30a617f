export interface LoginSearch {
  /** The page that was asked for, as a path of this host. */
  returnTo?: string;
  /** Why the last attempt was refused. */
  reason?: string;
}

export function readLogin({ returnTo, reason }: Record<string, unknown>): LoginSearch {
  return {
    ...(typeof returnTo === 'string' && { returnTo }),
    ...(typeof reason === 'string' && { reason }),
  };
}

/** The page to go to: one of the console, whatever the address says. */
export function localPath(returnTo: string | undefined): string {
  const path = returnTo ?? '/';
  return /^\/(?![/\\])/.test(path) && !path.startsWith('/login') ? path : '/';
}
