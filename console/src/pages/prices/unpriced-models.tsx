import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { apiBase } from '../../api/base.ts';
import { exactCount } from '../../numbers/count.ts';
import { date, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { writeSearch } from '../../url/search.ts';
import { words } from '../../words/settings/prices.ts';
import type { PriceFor } from './price-for.ts';
import { UNPRICED_DAYS, type Unpriced, unpricedModels, unpricedQuestion } from './queries.ts';

interface UnpricedModelsProps {
  org: string;
  timeZone: string;
  onAdd: ((of: PriceFor) => void) | undefined;
}

/** The models whose calls are in no spend, the most calls first. */
export function UnpricedModels({ org, timeZone, onAdd }: UnpricedModelsProps): ReactNode {
  const answer = useQuery(unpricedModels(org));
  const csv = writeSearch({ ...unpricedQuestion(org), format: 'csv' });
  return (
    <Panel
      {...{ title: words.unpriced.title, note: words.unpriced.note(UNPRICED_DAYS), answer, height: 80 }}
      actions={
        <a href={`${apiBase}/api/v1/analytics/model-prices/unpriced${csv}`} download>
          {words.unpriced.csv}
        </a>
      }
    >
      {({ models }) =>
        models.length === 0 ? (
          <Empty title={words.unpriced.none}>{words.unpriced.noneText}</Empty>
        ) : (
          <DataTable
            caption={words.unpriced.title}
            columns={columnsIn(timeZone, onAdd)}
            rows={models}
            keyOf={({ modelId, provider, serviceTier }) => JSON.stringify([modelId, provider, serviceTier])}
          />
        )
      }
    </Panel>
  );
}

function columnsIn(timeZone: string, onAdd: UnpricedModelsProps['onAdd']): Column<Unpriced>[] {
  const { columns } = words.unpriced;
  const day = (moment: string) => (
    <time dateTime={moment} title={exactMoment(moment, timeZone)}>
      {date(moment, timeZone)}
    </time>
  );
  return [
    { ...{ id: 'model', title: columns.model }, cell: ({ modelId }) => modelId },
    {
      ...{ id: 'provider', title: columns.provider },
      cell: ({ provider, serviceTier }) => [provider ?? '–', serviceTier].filter(Boolean).join(' · '),
    },
    {
      ...{ id: 'calls', title: columns.calls, isNumber: true },
      cell: ({ unpricedInvocations }) => exactCount(unpricedInvocations),
    },
    {
      ...{ id: 'input', title: columns.input, isNumber: true },
      cell: ({ inputTokens }) => exactCount(inputTokens),
    },
    {
      ...{ id: 'output', title: columns.output, isNumber: true },
      cell: ({ outputTokens }) => exactCount(outputTokens),
    },
    { ...{ id: 'since', title: columns.since }, cell: ({ since }) => day(since) },
    { ...{ id: 'last', title: columns.last }, cell: ({ lastAt }) => day(lastAt) },
    {
      ...{ id: 'state', title: columns.state },
      cell: ({ hasPrice, modelId, provider }) => {
        if (hasPrice) {
          return (
            <span title={words.unpriced.hasHint}>
              <Status level="info">{words.unpriced.has}</Status>
            </span>
          );
        }
        return (
          onAdd !== undefined && (
            <Button onClick={() => onAdd({ model: modelId, provider: provider ?? '' })}>
              {words.unpriced.add}
            </Button>
          )
        );
      },
    },
  ];
}
