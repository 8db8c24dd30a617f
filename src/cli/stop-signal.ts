/**
 * Resolves to the first signal that asks us to stop. Later ones change nothing: npm passes on a signal
 * that its group has received already.
 */
export const nextStopSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, resolve);
  });
