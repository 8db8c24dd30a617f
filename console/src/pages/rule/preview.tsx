import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { formatOfUnit, groupText, recipientText } from '../../alerting/alert.ts';
import { type Draft, roundedTo } from '../../alerting/draft.ts';
import { evidenceChart } from '../../alerting/evidence.ts';
import type { paths } from '../../api/schema.ts';
import { Chart } from '../../charts/chart.tsx';
import { colourOf } from '../../colour/palette.ts';
import { exactCount } from '../../numbers/count.ts';
import { dateAndTime } from '../../numbers/moment.ts';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { channelText } from '../../words/names.ts';
import { words } from '../../words/rules.ts';
import styles from './rule.module.css';
import { useThresholdLayer } from './threshold-line.ts';

export type Preview =
  paths['/api/v1/analytics/alerts/configs/preview']['post']['responses'][200]['content']['application/json'];

interface PreviewProps {
  answer: UseQueryResult<Preview>;
  draft: Draft;
  unit: string;
  timeZone: string;
  onThreshold: (value: number) => void;
}

/** When the rule would have fired, and whom it would have told. */
export function PreviewPanel(props: PreviewProps): ReactNode {
  const { answer } = props;
  return (
    <Panel title={words.preview} answer={answer} height={420}>
      {(preview) => (
        <>
          <p className={styles.verdict} role="status">
            {words.fired(preview.alerts.length, preview.recipients.length)}
          </p>
          {preview.recipients.length > 0 && (
            <p className={styles.about}>
              {words.toldTo(
                preview.recipients
                  .map(({ channel, recipient }) => `${recipientText(recipient)} (${channelText(channel)})`)
                  .join(', '),
              )}
            </p>
          )}
          <Drawn {...props} preview={preview} />
          <Late {...props} preview={preview} />
          <Reasons reasons={preview.reasons} />
          {preview.seriesNote !== null && <p className={styles.about}>{preview.seriesNote}</p>}
        </>
      )}
    </Panel>
  );
}

function Drawn({
  preview,
  draft,
  unit,
  timeZone,
  onThreshold,
}: PreviewProps & { preview: Preview }): ReactNode {
  const [chosen, setChosen] = useState('');
  const names = preview.series.map(({ group }) => groupText(group));
  const index = Math.max(names.indexOf(chosen), 0);
  const series = preview.series[index];
  const name = names[index] ?? '';
  const isLevel = draft.type === 'threshold_above' || draft.type === 'threshold_below';
  const format = formatOfUnit(unit, unit === 'cents' ? currencyOf(draft) : null);
  const chart = useMemo(
    () =>
      evidenceChart(series?.points ?? [], {
        ...{ pointSeconds: preview.pointSeconds, end: preview.end, words },
        ...{ colour: colourOf(name), hasBounds: !isLevel },
      }),
    [series, preview, name, isLevel],
  );
  const bands = useMemo(
    () =>
      preview.alerts
        .filter(({ group }) => groupText(group) === name)
        .map(({ triggeredAt, resolvedAt }) => ({
          ...{ start: Date.parse(triggeredAt), end: Date.parse(resolvedAt ?? preview.end), colour: '--bad' },
        })),
    [preview, name],
  );
  const layer = useThresholdLayer({
    ...{ threshold: isLevel ? draft.threshold : undefined, bands, text: format.short },
    onChange: (value) => onThreshold(roundedTo(value)),
  });
  if (series === undefined || series.points.every(({ value }) => value === null)) {
    return <Empty title={words.noValues}>{words.noValuesText}</Empty>;
  }
  return (
    <>
      {names.length > 1 && (
        <label className={styles.inline}>
          {words.group}{' '}
          <select value={name} onChange={({ target }) => setChosen(target.value)}>
            {names.map((one) => (
              <option key={one} value={one}>
                {one || words.wholeRule}
              </option>
            ))}
          </select>
        </label>
      )}
      <Chart
        {...{ title: words.preview, data: chart, kind: 'lines', timeZone, layer, height: 260 }}
        format={format.short}
        formatExact={format.exact}
      />
      {isLevel && <p className={styles.about}>{words.drag}</p>}
      {series.samples !== null && (
        <p className={styles.about}>
          {words.samples(
            exactCount(series.samples.least),
            exactCount(series.samples.median),
            exactCount(series.samples.most),
          )}
        </p>
      )}
    </>
  );
}

/** What a live rule knew at first, where events arrived late: the chart shows the numbers of now. */
function Late({
  preview,
  draft,
  unit,
  timeZone,
}: Pick<PreviewProps, 'draft' | 'unit' | 'timeZone'> & { preview: Preview }): ReactNode {
  const format = formatOfUnit(unit, unit === 'cents' ? currencyOf(draft) : null);
  const shown = (value: number | null) => (value === null ? words.noValue : format.short(value));
  const late = preview.alerts.filter(({ knownThen }) => knownThen !== null);
  if (late.length === 0) return null;
  return (
    <ul className={styles.about}>
      {late.map(({ group, triggeredAt, knownAt, knownThen, value }) => (
        <li key={`${groupText(group)} ${triggeredAt}`}>
          {[groupText(group), words.late(dateAndTime(triggeredAt, timeZone), shown(knownThen?.value ?? null))]
            .filter(Boolean)
            .join(': ')}{' '}
          {words.lateNow(dateAndTime(knownAt ?? triggeredAt, timeZone), shown(value))}
        </li>
      ))}
    </ul>
  );
}

/** Costs are dollars; amounts are in the currency that the rule names. */
function currencyOf({ filters }: Draft): string {
  return String(filters?.currency ?? 'USD');
}

/** What the evaluations found: why the rule fired, and why it did not. */
function Reasons({ reasons }: { reasons: Preview['reasons'] }): ReactNode {
  const rows = Object.entries(reasons).sort(([, one], [, other]) => other - one);
  return (
    <details className={styles.more}>
      <summary>{words.why}</summary>
      <dl className={styles.reasons}>
        {rows.map(([reason, times]) => (
          <div key={reason}>
            <dt>{reason.replaceAll('_', ' ')}</dt>
            <dd>{exactCount(times)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
