import type { Log } from '../../telemetry/log.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { isUrgent, type NoticeKind, type Severity } from '../notice/notice.ts';
import type { RouteNotice } from '../routing/route-notice.ts';

/** A critical notice without a recipient outside the product. */
export interface UnreachedNotice {
  alertId: string | null;
  /** The org of the rule; `null`: a rule over all orgs. */
  orgId: string | null;
}

interface Reporting {
  log: Log;
  metrics: Metrics;
}

/** Whether a notice has to reach somebody outside the product. */
export function mustReach({ kind, severity }: { kind: NoticeKind; severity: Severity }): boolean {
  return severity === 'critical' && isUrgent({ kind });
}

/** Reports an unreached notice in the log and the metrics. */
export function reportUnreached({ log, metrics }: Reporting, { alertId, orgId }: UnreachedNotice): void {
  metrics.unreachedNotices.inc();
  log.warn({ alert: alertId, org: orgId }, 'a critical notice has no recipient outside the product');
}

/** Routes as `route` does, and reports a critical notice that stays inside the product. */
export function reportingUnreached(reporting: Reporting, route: RouteNotice): RouteNotice {
  return async (database, notice) => {
    const recipients = await route(database, notice);
    const isInside = recipients.every(({ channel }) => channel === 'in_app');
    if (isInside && mustReach(notice)) reportUnreached(reporting, notice);
    return recipients;
  };
}
