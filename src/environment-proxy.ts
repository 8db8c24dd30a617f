import { EnvHttpProxyAgent, setGlobalDispatcher } from 'undici';

const LOOPBACK = 'localhost,127.0.0.1,[::1]';

/**
 * Sends requests through the proxy of HTTP_PROXY and HTTPS_PROXY, except to the hosts of NO_PROXY and to this machine.
 * Without these variables it sends them directly.
 * @param connections the most connections to one origin
 */
export function environmentProxy(connections?: number): EnvHttpProxyAgent {
  const { NO_PROXY, no_proxy = NO_PROXY } = process.env;
  const noProxy = [no_proxy, LOOPBACK].filter(Boolean).join(',');
  return new EnvHttpProxyAgent({ noProxy, ...(connections !== undefined && { connections }) });
}

/** Makes `fetch` use the proxy of the environment, in the whole process. */
export function useEnvironmentProxy(): void {
  setGlobalDispatcher(environmentProxy());
}
