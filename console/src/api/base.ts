/**
 * Where the console is below the host, such as `/console`, or `/tidemark/console` behind a proxy with a path. The service
 * writes it into index.html from PUBLIC_URL.
 */
export const consoleBase: string = document.documentElement.dataset.base ?? '/console';

/** Where the API is below the host: empty, or the path of the proxy. */
export const apiBase: string = consoleBase.replace(/\/console$/, '');
