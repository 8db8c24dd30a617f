import type { ChannelName, Notice } from '../notice/notice.ts';

/** One notice on its way to one recipient. */
export interface Delivery {
  /** The same at every attempt, and nobody else's anywhere: receivers tell a repetition by it. */
  id: string;
  notice: Notice;
  /** Where to, in the terms of the channel: an address, a number, a URL. */
  recipient: string;
  /** Whose rule it comes of; `null`: one over all orgs. Names of destinations are those of the org. */
  orgId: string | null;
  links: {
    /** Where the alert is shown. */
    alert?: string;
    /** Where it is acknowledged with one click; of one that is over there is nothing to acknowledge. */
    acknowledge?: string;
  };
}

/** That a provider has taken a delivery. */
export interface Receipt {
  /** What the provider calls it. */
  providerId?: string;
}

/** A way to reach people. */
export interface Channel {
  readonly name: ChannelName;
  /**
   * Returns once the provider has taken it.
   * @throws {DeliveryError}
   */
  send(delivery: Delivery, signal: AbortSignal): Promise<Receipt>;
}

interface Failure {
  /** Whether the same may succeed later. */
  retryable: boolean;
  /** What the provider asked for. */
  retryAfterSeconds?: number;
  /** Whether the provider may have taken it all the same: another attempt may then tell it twice. */
  ambiguous?: boolean;
  cause?: unknown;
}

/** Why a delivery failed, in words for the history of the alert, and whether it is worth another attempt. */
export class DeliveryError extends Error {
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly ambiguous: boolean;

  constructor(message: string, { retryable, retryAfterSeconds, ambiguous = false, cause }: Failure) {
    super(message, { cause });
    this.name = 'DeliveryError';
    this.retryable = retryable;
    this.retryAfterSeconds = retryAfterSeconds;
    this.ambiguous = ambiguous;
  }
}
