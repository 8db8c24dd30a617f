import type { usageEvents } from '../seed-events.ts';

export type UsageEvent = ReturnType<ReturnType<typeof usageEvents>>;

/** One request: its events, as the JSON that an application sends. */
export interface EventBody {
  /** An array. */
  json: Buffer;
  /** One event a line. */
  lines: Buffer;
}

/** What an org had: calls, input tokens, and the 95th percentile of the latency in milliseconds. */
export interface PeerAnswer {
  calls: number;
  inputTokens: number;
  p95: number;
}

/** A way to store events and answer from rollups. */
export interface Peer {
  name: string;
  /** Whether an acknowledged event survives a loss of power, by the settings of the server. */
  durable: string;
  /** Stores the events of a body, and resolves once they are acknowledged. */
  store(body: EventBody): Promise<void>;
  /** Resolves once all that is stored is in the rollups. */
  rollUp(): Promise<void>;
  /** Answers from the rollups. */
  ask(orgId: string, from: Date): Promise<PeerAnswer>;
  /** Processor time of the server so far, in microseconds; `undefined` if it is not on this machine. */
  processorTime(): number | undefined;
  stop(): Promise<void>;
}

/** A peer, or the reason why it is not there. */
export type PeerOrReason = Peer | { name: string; absent: string };
