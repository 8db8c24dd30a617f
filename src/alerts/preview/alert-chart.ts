import { CodedError } from '../../errors.ts';
import type { ChartOf, ChartValues } from '../../notifications/chart/chart-values.ts';
import { type Clock, DAY, floorTo, HOUR, MINUTE, SECOND, sleep } from '../../time.ts';
import { judge } from '../decision/verdict.ts';
import { type ListedAlert, readAlert } from '../history/alert-history.ts';
import type { Rule } from '../rules/rule.ts';
import { ruleOfAlert } from './alert-series.ts';
import { type PastSources, pastOf } from './past-of.ts';
import { SeriesPoints } from './series.ts';

const POINTS = 60;
/** A chart shows this many windows, but an hour at least and a day at most. */
const WINDOWS_SHOWN = 12;
/** A mail does not wait for longer. */
const PATIENCE = 2 * SECOND;

/** Reads the values of the charts of alerts, for rules whose past is kept. */
export function alertCharts(sources: PastSources, clock: Clock): ChartOf {
  return async (alertId) => {
    const stopped = new AbortController();
    try {
      return await Promise.race([
        chartOf(sources, alertId, clock.now()),
        sleep(PATIENCE, stopped.signal).then(() => undefined),
      ]);
    } finally {
      stopped.abort();
    }
  };
}

async function chartOf(sources: PastSources, alertId: string, now: number): Promise<ChartValues | undefined> {
  try {
    const alert = await readAlert(sources.pool, alertId, 'all');
    return await valuesOf(sources, alert, now);
  } catch (error) {
    // The alert is gone, or no past of its metric is kept.
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}

async function valuesOf(
  sources: PastSources,
  alert: ListedAlert,
  now: number,
): Promise<ChartValues | undefined> {
  const rule = await ruleOfAlert(sources.pool, alert);
  const shown = Math.min(DAY, Math.max(HOUR, WINDOWS_SHOWN * rule.windowSeconds * SECOND));
  // The minute under way too: an alert above its threshold fires on it.
  const past = await pastOf(sources, withoutUsual(rule), {
    ...{ orgId: alert.allOrgs ? null : alert.orgId, now, reach: shown, until: floorTo(MINUTE, now) + MINUTE },
    only: { group: alert.group, wrong: [] },
  });
  const [group] = past.groups;
  if (!group) return undefined;
  const gathered = new SeriesPoints(rule, Math.max(past.step, shown / POINTS));
  for (const at of group.moments) gathered.add(at, judge(withoutUsual(rule), group.observe(at)));
  const isLevel = rule.type === 'threshold_above' || rule.type === 'threshold_below';
  return {
    points: gathered.points.map(({ at, value }) => ({ at: Math.min(now, Date.parse(at)), value })),
    threshold: isLevel ? rule.threshold : null,
  };
}

/** A chart shows the values alone. The usual ones would be read from weeks. */
function withoutUsual(rule: Rule): Rule {
  return rule.type === 'threshold_below' ? rule : { ...rule, type: 'threshold_above' };
}
