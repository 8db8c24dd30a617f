import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Change } from '../../parts/figures/change.tsx';
import { Money } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useModelColours } from '../../question/models.ts';
import type { Question } from '../../question/question.ts';
import { usageBefore, usageByGroup } from '../../usage/queries.ts';
import { dollarsOf, type UsageAnswer } from '../../usage/usage.ts';
import { words } from '../../words/overview.ts';
import styles from './overview.module.css';

const MOST_SHOWN = 5;

/** The models whose spend changed most, in dollars. */
export function LargestChanges({ question }: { question: Question }): ReactNode {
  const answer = useQuery(usageByGroup(question, {}, 'model'));
  const before = useQuery(usageBefore(question, {}, 'model'));
  const colourOf = useModelColours(question.org);
  return (
    <Panel title={words.unusual.title} note={words.unusual.note} answer={answer} height={180}>
      {(data) => {
        const changes = before.data === undefined ? [] : changesOf(data, before.data).slice(0, MOST_SHOWN);
        if (changes.length === 0) return <Empty title={words.unusual.none}>{words.unusual.noneText}</Empty>;
        return (
          <DataTable
            {...{ caption: words.unusual.title, columns: columnsIn(colourOf), rows: changes }}
            keyOf={({ model }) => model}
          />
        );
      }}
    </Panel>
  );
}

interface ModelChange {
  model: string;
  /** Dollars, as `before`. */
  now: number;
  before: number;
}

function columnsIn(colourOf: (model: string) => string): Column<ModelChange>[] {
  const { columns } = words.unusual;
  return [
    {
      ...{ id: 'model', title: columns.model },
      cell: ({ model }) => (
        <>
          <span className={styles.swatch} style={{ background: colourOf(model) }} />
          {model}
        </>
      ),
    },
    {
      ...{ id: 'before', title: columns.before, isNumber: true },
      cell: ({ before }) => <Money dollars={before} />,
    },
    { ...{ id: 'now', title: columns.now, isNumber: true }, cell: ({ now }) => <Money dollars={now} /> },
    {
      ...{ id: 'change', title: columns.change, isNumber: true },
      cell: ({ before, now }) => (before === 0 ? words.unusual.new : <Change before={before} now={now} />),
    },
  ];
}

function changesOf(data: UsageAnswer, earlier: UsageAnswer): ModelChange[] {
  const spends = (answer: UsageAnswer) =>
    new Map(
      answer.series.flatMap((point) =>
        point.modelId == null ? [] : [[point.modelId, dollarsOf(point)] as const],
      ),
    );
  const [now, before] = [spends(data), spends(earlier)];
  return [...new Set([...now.keys(), ...before.keys()])]
    .map((model) => ({ model, now: now.get(model) ?? 0, before: before.get(model) ?? 0 }))
    .filter((change) => change.now !== change.before)
    .sort((one, other) => Math.abs(other.now - other.before) - Math.abs(one.now - one.before));
}
