import { finished, Readable, Writable } from 'node:stream';
import type { PoolClient } from 'pg';
import { SECOND } from '../time.ts';

/** Time beyond the statement timeout. A reachable server has reported the timeout by then. */
const GRACE = 5 * SECOND;

/** During a query this closes the socket. */
function end(client: PoolClient): void {
  void client.end();
}

interface RunningQuery {
  client: PoolClient;
  /** On the clock of `performance.now()`. */
  since: number;
}

/**
 * Ends connections whose server no longer answers. The server cancels each statement after the statement timeout, so
 * silence beyond it means that the server is unreachable. The connection may still look healthy: if the network drops
 * packets, TCP notices only after a quarter of an hour. All other queries that have waited for some time are ended too.
 * Otherwise a roll-up, which may take long, would wait for its own timeout. Their queries fail with a connection error.
 */
export class UnansweredQueries {
  readonly #running = new Set<RunningQuery>();
  #abandoned = false;

  /** Watches a new connection with this statement timeout; 0 is none. */
  watch(client: PoolClient, statementTimeoutMs: number): void {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    const watched = (...given: unknown[]): unknown => {
      const running: RunningQuery = { client, since: performance.now() };
      this.#running.add(running);
      const timer =
        statementTimeoutMs > 0
          ? setTimeout(() => this.#giveUp(running), statementTimeoutMs + GRACE)
          : undefined;
      const answered = () => {
        clearTimeout(timer);
        this.#running.delete(running);
      };
      const callback = given.at(-1);
      if (typeof callback === 'function') {
        given[given.length - 1] = (...result: unknown[]) => {
          answered();
          callback(...result);
        };
      }
      const result = query(...given);
      if (result instanceof Promise) result.then(answered, answered);
      else if (result instanceof Writable || result instanceof Readable) finished(result, answered);
      if (this.#abandoned) end(client);
      return result;
    };
    client.query = watched as PoolClient['query'];
  }

  /** Ends every connection that waits for an answer. The server rolls its transaction back. */
  giveUpAll(): void {
    for (const { client } of [...this.#running]) end(client);
  }

  /** Does the same, and ends every later query at once. */
  abandon(): void {
    this.#abandoned = true;
    this.giveUpAll();
  }

  #giveUp(lost: RunningQuery): void {
    const longAgo = performance.now() - GRACE;
    for (const { client, since } of [...this.#running])
      if (client === lost.client || since < longAgo) end(client);
  }
}
