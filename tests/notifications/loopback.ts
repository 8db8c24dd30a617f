import { afterAll, afterEach, beforeAll } from 'vitest';
import { createOutbound, type Outbound } from '../../src/notifications/channels/outbound.ts';
import { silentLog } from '../support/events/ingestion.ts';
import { type HttpReceiver, startReceiver } from '../support/servers/http-receiver.ts';

/** How long a channel may take in a test. */
export function patience(): AbortSignal {
  return AbortSignal.timeout(20_000);
}

/** A receiver on loopback, and the client of the channels that may reach it. They are there from `beforeAll` on. */
export function useLoopback(): { receiver: HttpReceiver; outbound: Outbound } {
  const loopback = {} as { receiver: HttpReceiver; outbound: Outbound };
  beforeAll(async () => {
    loopback.receiver = await startReceiver();
    loopback.outbound = createOutbound({ allow: ['127.0.0.1'], log: silentLog });
  });
  afterEach(() => {
    loopback.receiver.received.splice(0);
  });
  afterAll(async () => {
    await loopback.outbound.close();
    await loopback.receiver.close();
  });
  return loopback;
}
