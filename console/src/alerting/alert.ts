import type { paths } from '../api/schema.ts';
import { exactCount, shortCount } from '../numbers/count.ts';
import { duration, exactDuration } from '../numbers/duration.ts';
import { MISSING } from '../numbers/locale.ts';
import { amountIn, exactAmountIn } from '../numbers/money.ts';
import { exactPercent, percent } from '../numbers/percent.ts';
import { words } from '../words/alerts.ts';

type Alerts = '/api/v1/analytics/alerts';

/** An alert as lists have it. */
export type Alert =
  paths[`${Alerts}/history`]['get']['responses'][200]['content']['application/json']['alerts'][number];

/** An alert with its transitions, and who was told. */
export type AlertDetail = paths[`${Alerts}/{id}`]['get']['responses'][200]['content']['application/json'];

export type Told = AlertDetail['told'][number];

/** The group of an alert in words: `gpt-4o · acme`; empty for a rule without groups. */
export function groupText(group: Record<string, string>): string {
  return Object.values(group).join(' · ');
}

/** The alerts of each rule together: rules with the worst and then the newest alert first. */
export function byRule(alerts: readonly Alert[]): { configId: string; name: string; alerts: Alert[] }[] {
  const rank = { critical: 0, warning: 1, info: 2 };
  return [...Map.groupBy(alerts, ({ configId }) => configId)]
    .map(([configId, own]) => ({ configId, name: own[0]?.name ?? '', alerts: own }))
    .sort((one, other) => {
      const worst = (own: Alert[]) => Math.min(...own.map(({ severity }) => rank[severity]));
      const newest = (own: Alert[]) =>
        own
          .map(({ triggeredAt }) => triggeredAt)
          .sort()
          .at(-1) ?? '';
      return (
        worst(one.alerts) - worst(other.alerts) || newest(other.alerts).localeCompare(newest(one.alerts))
      );
    });
}

/** People and places that were told, each once, in the order in which they were told. */
export function recipientsOf(told: readonly Told[]): string[] {
  return [...new Set(told.filter(({ status }) => status === 'sent').map(({ recipient }) => recipient))];
}

/** A recipient as people read it: the inbox of everybody and the default recipients have no name. */
export function recipientText(recipient: string): string {
  if (recipient === '*') return words.recipients.everybody;
  return recipient === 'default' ? words.recipients.byDefault : recipient;
}

/** A value or threshold of an alert. The service writes milliseconds, which people read as seconds and minutes. */
export function measuredText(text: string | null, value: number | null): string {
  return text?.endsWith(' ms') && value !== null ? duration(value) : (text ?? MISSING);
}

/** How values of a unit look on an axis, and with all digits. */
export interface ValueFormat {
  short: (value: number) => string;
  exact: (value: number) => string;
}

export function formatOfUnit(unit: string, currency: string | null = null): ValueFormat {
  if (unit === 'ratio') return { short: percent, exact: exactPercent };
  if (unit === 'milliseconds') return { short: duration, exact: exactDuration };
  if (unit === 'seconds') {
    return { short: (value) => duration(value * 1_000), exact: (value) => exactDuration(value * 1_000) };
  }
  if (unit === 'cents' && currency !== null) {
    return {
      short: (value) => amountIn(currency, value / 100),
      exact: (value) => exactAmountIn(currency, value / 100),
    };
  }
  return { short: shortCount, exact: exactCount };
}
