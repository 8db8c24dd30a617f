import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { apiBase } from '../../api/base.ts';
import { Chart } from '../../charts/chart.tsx';
import { chartOfGroups } from '../../charts/grouped.ts';
import { exactMoney, shortMoney } from '../../numbers/money.ts';
import { Panel } from '../../parts/panel.tsx';
import { useModelColours } from '../../question/models.ts';
import { type Question, timeOf } from '../../question/question.ts';
import { useZoom } from '../../question/zoom.ts';
import { writeSearch } from '../../url/search.ts';
import { usageByBucket } from '../../usage/queries.ts';
import { dollarsOf, sum, type UsageAnswer } from '../../usage/usage.ts';
import { words } from '../../words/overview.ts';

export function SpendByModel({ question }: { question: Question }): ReactNode {
  const answer = useQuery(usageByBucket(question, {}, 'model'));
  return (
    <Panel title={words.spendByModel} answer={answer} height={280}>
      {(data) => <Drawn question={question} data={data} />}
    </Panel>
  );
}

function Drawn({ question, data }: { question: Question; data: UsageAnswer }): ReactNode {
  const colourOf = useModelColours(question.org);
  const { zoom, back } = useZoom();
  const chart = useMemo(
    () =>
      chartOfGroups(data.series, {
        ...{ end: data.end, restGroups: data.restGroups, sum, colourOf, value: dollarsOf },
        groupOf: ({ modelId }) => modelId,
        labelOf: (model) => model,
      }),
    [data, colourOf],
  );
  const csv = {
    ...timeOf(question),
    granularity: question.range.granularity,
    groupBy: 'model',
    format: 'csv',
  };
  return (
    <Chart
      title={words.spendByModel}
      data={chart}
      kind="bars"
      timeZone={question.timeZone}
      format={shortMoney}
      formatExact={exactMoney}
      csvHref={`${apiBase}/analytics/v1/orgs/${encodeURIComponent(question.org)}/usage${writeSearch(csv)}`}
      onBrush={zoom}
      onBack={back}
      onOpen={zoom}
    />
  );
}
