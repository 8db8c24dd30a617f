import { finished, Writable } from 'node:stream';
import type { PoolClient } from 'pg';
import { SECOND } from '../time.ts';

/** Beyond the statement timeout; by then a server that is there has said that it gave up. */
const GRACE = 5 * SECOND;

/** In the middle of a query this closes the socket. */
function end(client: PoolClient): void {
  void client.end();
}

interface Asked {
  client: PoolClient;
  /** On the clock of `performance.now()`. */
  since: number;
}

/**
 * Ends connections on which the server has fallen silent. It gives every statement up after the statement timeout, so
 * that later silence means that it cannot be reached, however healthy the connection looks: of a network that drops
 * packets, TCP tells only after a quarter of an hour. Then whatever else has waited for some time goes as well, or a
 * roll-up, which may take long, would wait for its own end. Queries fail as those of a lost connection do.
 */
export class UnansweredQueries {
  readonly #asked = new Set<Asked>();
  #abandoned = false;

  /** Watches a new connection. The timeout is that of its statements; 0 is none. */
  watch(client: PoolClient, statementTimeoutMs: number): void {
    const query = client.query.bind(client) as (...given: unknown[]) => unknown;
    const watched = (...given: unknown[]): unknown => {
      const asked: Asked = { client, since: performance.now() };
      this.#asked.add(asked);
      const timer =
        statementTimeoutMs > 0
          ? setTimeout(() => this.#giveUp(asked), statementTimeoutMs + GRACE)
          : undefined;
      const answered = () => {
        clearTimeout(timer);
        this.#asked.delete(asked);
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
      else if (result instanceof Writable) finished(result, answered);
      if (this.#abandoned) end(client);
      return result;
    };
    client.query = watched as PoolClient['query'];
  }

  /** Ends every connection that waits for an answer; the server rolls back what it was at. */
  giveUpAll(): void {
    for (const { client } of [...this.#asked]) end(client);
  }

  /** The same, and from here on whoever asks is given up at once. */
  abandon(): void {
    this.#abandoned = true;
    this.giveUpAll();
  }

  #giveUp(lost: Asked): void {
    const longAgo = performance.now() - GRACE;
    for (const { client, since } of [...this.#asked])
      if (client === lost.client || since < longAgo) end(client);
  }
}
