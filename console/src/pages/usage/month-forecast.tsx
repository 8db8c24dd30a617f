import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { digits } from '../../numbers/locale.ts';
import { monthName } from '../../numbers/moment.ts';
import { Money } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useNow } from '../../question/now.ts';
import type { Question } from '../../question/question.ts';
import { readRange } from '../../range/range.ts';
import { startOfMonth } from '../../range/zone.ts';
import { forecastOf } from '../../usage/forecast.ts';
import { usageByGroup } from '../../usage/queries.ts';
import { dollarsOf } from '../../usage/usage.ts';
import { words } from '../../words/usage.ts';
import type { UsageSearch } from './search.ts';
import styles from './usage.module.css';

const DAY = 86_400_000;

/** What this month has cost, and what it will cost if it goes on like this. */
export function MonthForecast({ question, search }: { question: Question; search: UsageSearch }): ReactNode {
  const { now } = useNow();
  const { timeZone } = question;
  const range = readRange('month', timeZone, now);
  const answer = useQuery(usageByGroup({ ...question, range }, search, search.group ?? 'model'));
  const end = startOfMonth(now, timeZone, 1);
  const passed = range.end - range.start;
  const title = `${words.month.title}: ${monthName(now, timeZone)}`;
  return (
    <Panel title={title} answer={answer} height={70}>
      {({ totals }) => {
        const forecast = forecastOf(dollarsOf(totals), passed, end - range.start);
        return (
          <>
            <dl className={styles.month}>
              <div>
                <dt>{words.month.soFar}</dt>
                <dd>
                  <Money dollars={dollarsOf(totals)} exact={totals.costUsd} />
                </dd>
              </div>
              {forecast !== undefined && (
                <div>
                  <dt>{words.month.forecast}</dt>
                  <dd>
                    <Money dollars={forecast} />
                  </dd>
                </div>
              )}
            </dl>
            <p className={styles.hint}>
              {forecast === undefined
                ? words.month.noForecast
                : words.month.hint(digits(passed / DAY, { maximumFractionDigits: 1 }))}
            </p>
          </>
        );
      }}
    </Panel>
  );
}
