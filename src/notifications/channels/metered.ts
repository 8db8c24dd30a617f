import type { Database } from '../../database/pool.ts';
import { type Limits, type QuotaName, quotaSentence } from '../../quotas/quota.ts';
import { giveBack, spend } from '../../quotas/spend.ts';
import type { Clock } from '../../time.ts';
import { type Channel, DeliveryError } from './channel.ts';

/** The org has sent as much today as its quota allows. The delivery is given up: it would be late tomorrow. */
export class QuotaReachedError extends DeliveryError {
  readonly quota: QuotaName;

  constructor(quota: QuotaName, limit: number) {
    super(quotaSentence(quota, limit), { retryable: false });
    this.name = 'QuotaReachedError';
    this.quota = quota;
  }
}

interface Metering {
  database: Database;
  clock: Clock;
  limits: Limits;
}

/**
 * The channel with a daily quota of each org. An attempt that the provider surely did not accept does not count. Rules
 * over all orgs, which only admins make, have no quota.
 */
export function metered(
  channel: Channel,
  quota: 'sms_per_day' | 'emails_per_day',
  { database, clock, limits }: Metering,
): Channel {
  return {
    name: channel.name,
    async send(delivery, signal) {
      const { orgId } = delivery;
      if (orgId === null) return channel.send(delivery, signal);
      const spent = { quota, orgId, now: clock.now() };
      if (!(await spend(database, limits, spent))) throw new QuotaReachedError(quota, limits[quota]);
      try {
        return await channel.send(delivery, signal);
      } catch (error) {
        if (error instanceof DeliveryError && !error.ambiguous) await giveBack(database, spent);
        throw error;
      }
    },
  };
}
