import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { NoticeKind, Severity } from '../notice/notice.ts';
import type { RouteNotice } from '../routing/route-notice.ts';

/** A critical notice that is for nobody outside the product: the alert that it is about, and the org of its rule. */
export interface Unreached {
  alertId: string | null;
  orgId: string | null;
}

interface Telling {
  log: Log;
  metrics: Metrics;
}

/** Whether it matters that nobody outside the product is told of it. */
export function mustReach({ kind, severity }: { kind: NoticeKind; severity: Severity }): boolean {
  return severity === 'critical' && kind !== 'resolved';
}

/** Has the log and the metric say so. */
export function reportUnreached({ log, metrics }: Telling, { alertId, orgId }: Unreached): void {
  metrics.unreachedNotices.inc();
  log.warn({ alert: alertId, org: orgId }, 'a critical notice is for nobody outside the product');
}

/** Routes as `route` does, and reports what a rule keeps inside the product. */
export function reportingUnreached(telling: Telling, route: RouteNotice): RouteNotice {
  return async (database, notice) => {
    const recipients = await route(database, notice);
    const isInside = recipients.every(({ channel }) => channel === 'in_app');
    if (isInside && mustReach(notice)) reportUnreached(telling, notice);
    return recipients;
  };
}
