import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { formatOfUnit } from '../../alerting/alert.ts';
import { evidenceChart } from '../../alerting/evidence.ts';
import { type Mark, marksLayer } from '../../alerting/marks.ts';
import { alertSeries, REFRESH_EVERY } from '../../alerting/queries.ts';
import type { paths } from '../../api/schema.ts';
import { Chart } from '../../charts/chart.tsx';
import { colourOf } from '../../colour/palette.ts';
import { duration } from '../../numbers/duration.ts';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { words } from '../../words/alerts.ts';

type Series =
  paths['/api/v1/analytics/alerts/{id}/series']['get']['responses'][200]['content']['application/json'];

/** The values around an alert, against what the rule allowed. */
export function Evidence({ id, timeZone }: { id: string; timeZone: string }): ReactNode {
  const answer = useQuery({ ...alertSeries(id), refetchInterval: 6 * REFRESH_EVERY });
  const { data } = answer;
  const note =
    data === undefined
      ? undefined
      : [words.alert.window(duration(data.windowSeconds * 1_000)), data.note].filter(Boolean).join(' ');
  return (
    <Panel title={words.alert.evidence} answer={answer} height={300} note={note}>
      {(series) => <Drawn series={series} timeZone={timeZone} />}
    </Panel>
  );
}

function Drawn({ series, timeZone }: { series: Series; timeZone: string }): ReactNode {
  const chart = useMemo(
    () => evidenceChart(series.points, { ...series, words: words.alert, colour: colourOf(series.metric) }),
    [series],
  );
  const layer = useMemo(() => layerOf(series), [series]);
  if (series.points.every(({ value }) => value === null)) {
    return <Empty title={words.alert.noValues}>{series.note ?? words.alert.noValuesText}</Empty>;
  }
  const format = formatOfUnit(series.unit, series.currency);
  return (
    <Chart
      {...{ title: words.alert.evidence, data: chart, kind: 'lines', timeZone, layer }}
      format={format.short}
      formatExact={format.exact}
    />
  );
}

const marked: Record<string, { text: string; colour: string }> = {
  firing: { text: words.alert.marks.fired, colour: '--bad' },
  fired: { text: words.alert.marks.fired, colour: '--bad' },
  acknowledged: { text: words.alert.marks.acknowledged, colour: '--accent' },
  resolved: { text: words.alert.marks.resolved, colour: '--good' },
};

/** The marks of what happened, and the time that the alert was open, shaded. */
function layerOf({ marks, asOf }: Series) {
  const shown: Mark[] = marks.flatMap(({ at, transition }) => {
    const mark = marked[transition];
    return mark === undefined ? [] : [{ at: Date.parse(at), ...mark }];
  });
  const fired = shown.find(({ colour }) => colour === '--bad')?.at;
  const ended = shown.findLast(({ colour }) => colour === '--good')?.at ?? Date.parse(asOf);
  const bands = fired === undefined ? [] : [{ start: fired, end: ended, colour: '--bad' }];
  return marksLayer(shown, bands);
}
