import type { ChartValues } from '../chart/chart-values.ts';
import type { ChannelName, Notice } from '../notice/notice.ts';

/** One notice for one recipient. */
export interface Delivery {
  /** The same at every attempt and globally unique: receivers recognise a repetition by it. */
  id: string;
  notice: Notice;
  /** Further notices that the same message tells; absent: there are none. */
  others?: readonly Notice[];
  /** The recipient in the terms of the channel: an address, a number, the name of a destination. */
  recipient: string;
  /** The org of the rule, which the destination belongs to; `null`: a rule over all orgs. */
  orgId: string | null;
  /** The zone of the recipient's clock; absent: UTC. */
  timezone?: string;
  /** The recent values of the alert, for a channel that shows a chart; absent: there are none. */
  chart?: ChartValues;
  links: {
    /** The page of the alert in the console. */
    alert?: string;
    /** The page with a button to acknowledge the alerts; absent if all are over. */
    acknowledge?: string;
  };
}

/** The confirmation that a provider has accepted a delivery. */
export interface Receipt {
  /** The provider's id of the message. */
  providerId?: string;
}

/** A way to reach people. */
export interface Channel {
  readonly name: ChannelName;
  /**
   * Returns once the provider has accepted the delivery.
   * @throws {DeliveryError}
   */
  send(delivery: Delivery, signal: AbortSignal): Promise<Receipt>;
}

interface Failure {
  /** Whether another attempt may succeed. */
  retryable: boolean;
  /** The delay that the provider asked for. */
  retryAfterSeconds?: number;
  /** Whether the destination got too many messages: all of its messages then wait. */
  tooMany?: boolean;
  /** Whether the provider may have accepted it nevertheless: another attempt may then arrive as a second message. */
  ambiguous?: boolean;
  cause?: unknown;
}

/** Why a delivery failed, in words for the history of the alert, and whether it is worth another attempt. */
export class DeliveryError extends Error {
  readonly retryable: boolean;
  readonly retryAfterSeconds: number | undefined;
  readonly tooMany: boolean;
  readonly ambiguous: boolean;

  constructor(message: string, failure: Failure) {
    const { retryable, retryAfterSeconds, tooMany = false, ambiguous = false, cause } = failure;
    super(message, { cause });
    this.name = 'DeliveryError';
    this.retryable = retryable;
    this.retryAfterSeconds = retryAfterSeconds;
    this.tooMany = tooMany;
    this.ambiguous = ambiguous;
  }
}
