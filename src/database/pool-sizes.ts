/** Connections of one process to PostgreSQL, by what they are for. */
export interface PoolSizes {
  /** Questions. */
  read: number;
  /** Batches of events. */
  store: number;
  /** Verifying API keys. */
  auth: number;
  /** All other writing. */
  write: number;
}

/**
 * Splits the connections of a process, so that slow questions, bursts of events and long roll-ups cannot take each
 * other's connections. API keys are looked up by their id in a millisecond, so one or two connections suffice for that.
 * @param total at least 4
 */
export function poolSizes(total: number): PoolSizes {
  const read = Math.max(1, Math.floor(total * 0.4));
  const store = Math.max(1, Math.floor(total * 0.3));
  const auth = total < 20 ? 1 : 2;
  return { read, store, auth, write: total - read - store - auth };
}
