/** What happens to a client when its process ends. Runtimes without `process.on` have no such moment. */
interface Ending {
  /** Nothing else is left to do. What it starts keeps the process alive. */
  onIdle(): Promise<unknown>;
  /** The process ends now. */
  onExit(): void;
  close(): Promise<unknown>;
}

interface Process {
  on?(name: string, listener: (signal: string) => void): void;
  removeListener?(name: string, listener: (signal: string) => void): void;
  listenerCount?(name: string): number;
  kill?(pid: number, signal: string): void;
  pid?: number;
}

/** One listener each for all clients of the process: a program that makes many is not warned of a leak. */
const clients = new Set<Ending>();
const signalled = new Set<Ending>();
let listening = false;

const { process } = globalThis as { process?: Process };

/** @param signals whether SIGTERM and SIGINT close the client */
export function untilProcessEnds(client: Ending, signals: boolean): void {
  clients.add(client);
  if (signals && signalled.size === 0) for (const name of SIGNALS) process?.on?.(name, closeAll);
  if (signals) signalled.add(client);
  if (listening) return;
  listening = true;
  process?.on?.('beforeExit', () => {
    for (const each of clients) void each.onIdle();
  });
  process?.on?.('exit', () => {
    for (const each of clients) each.onExit();
  });
}

export function forgetClient(client: Ending): void {
  clients.delete(client);
  signalled.delete(client);
}

const SIGNALS = ['SIGTERM', 'SIGINT'];

function closeAll(signal: string): void {
  void Promise.allSettled([...signalled].map((client) => client.close())).then(() => {
    for (const name of SIGNALS) process?.removeListener?.(name, closeAll);
    // Without a listener the signal has its usual effect, and its usual exit code. A listener of the application decides.
    if (process?.listenerCount?.(signal) === 0) process.kill?.(process.pid ?? 0, signal);
  });
}
