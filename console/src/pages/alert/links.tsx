import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useId } from 'react';
import type { AlertDetail } from '../../alerting/alert.ts';
import { around, filtersOf } from '../../alerting/around.ts';
import { ruleOf } from '../../alerting/queries.ts';
import { apiBase } from '../../api/base.ts';
import { useMay } from '../../api/may.ts';
import { apiFiltersOf } from '../../calls/filters.ts';
import { ALL_ORGS, useQuestion } from '../../question/question.ts';
import { rangeText } from '../../range/range.ts';
import { keepShared } from '../../shell/keys.ts';
import { writeList, writeSearch } from '../../url/search.ts';
import { words } from '../../words/alerts.ts';
import { words as silenceWords } from '../../words/silences.ts';
import styles from './alert.module.css';

/** Where to look next, at the time of the alert. */
export function Links({ alert }: { alert: AlertDetail }): ReactNode {
  const headingId = useId();
  const { org, timeZone } = useQuestion();
  const { data: rule } = useQuery(ruleOf(alert.configId));
  const mayWrite = useMay('alerts:write');
  const { start, end } = around(alert, Date.now());
  const filters = filtersOf(alert.group);
  const orgId = alert.group.orgId ?? alert.orgId ?? org;
  const search = () => ({ org: orgId, range: rangeText(start, end), tz: timeZone, ...filters });
  const csv = {
    ...{ start: new Date(start).toISOString(), end: new Date(end).toISOString(), timezone: timeZone },
    ...{ granularity: 'minute', format: 'csv', ...apiFiltersOf(filters) },
  };
  return (
    <section className={styles.links} aria-labelledby={headingId}>
      <h2 id={headingId}>{words.alert.links}</h2>
      <ul>
        <li>
          <Link to="/reliability" search={search as never}>
            {words.alert.reliability}
          </Link>
        </li>
        <li>
          <Link to="/events" search={search as never}>
            {words.alert.events}
          </Link>
        </li>
        <li>
          <a
            href={`${apiBase}/analytics/v1/orgs/${encodeURIComponent(orgId)}/reliability${writeSearch(csv)}`}
            download
          >
            {words.alert.incident}
          </a>
        </li>
        <li>
          <Link to={`/rules/${alert.configId}`} search={keepShared}>
            {words.alert.rule}
          </Link>
        </li>
        {mayWrite && (
          <li>
            <Link to="/silences" search={silenceSearch(alert, timeZone)}>
              {silenceWords.silenceThis}
            </Link>
          </li>
        )}
        {rule?.runbookUrl != null && (
          <li>
            <a href={rule.runbookUrl} rel="noreferrer" target="_blank">
              {words.alert.runbook}
            </a>
          </li>
        )}
      </ul>
    </section>
  );
}

/** The form for a silence, filled in for this alert. */
function silenceSearch({ name, group, orgId }: AlertDetail, timeZone: string) {
  return (() => ({
    ...{ org: orgId ?? ALL_ORGS, tz: timeZone, new: 'silence', rules: writeList([name]) },
    labels: writeList(Object.entries(group).map(([label, value]) => `${label}=${value}`)),
  })) as never;
}
