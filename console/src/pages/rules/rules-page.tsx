import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import type { Rule } from '../../alerting/draft.ts';
import { rulesOf } from '../../alerting/rule-queries.ts';
import { Severity } from '../../alerting/severity.tsx';
import { buttonClass } from '../../parts/button.tsx';
import { type Column, DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Count } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { useQuestion } from '../../question/question.ts';
import { keepShared } from '../../shell/keys.ts';
import { dimensionText, metricText } from '../../words/names.ts';
import { words } from '../../words/rules.ts';

/** All rules of an org. */
export function RulesPage(): ReactNode {
  const { org } = useQuestion();
  const answer = useQuery(rulesOf(org));
  const columns = useMemo(columnsOf, []);
  const add = (
    <Link to="/rules/new" search={keepShared} className={buttonClass}>
      {words.new}
    </Link>
  );
  return (
    <Panel title={words.rules} answer={answer} actions={add} height={240}>
      {({ configs }) =>
        configs.length === 0 ? (
          <Empty title={words.none} action={add}>
            {words.noneText}
          </Empty>
        ) : (
          <DataTable caption={words.rules} columns={columns} rows={configs} keyOf={({ id }) => id} />
        )
      }
    </Panel>
  );
}

function columnsOf(): Column<Rule>[] {
  const { columns } = words;
  return [
    {
      ...{ id: 'name', title: columns.name },
      cell: ({ id, name }) => (
        <Link to={`/rules/${id}`} search={keepShared}>
          {name}
        </Link>
      ),
    },
    {
      ...{ id: 'watches', title: columns.watches },
      cell: ({ metric, groupBy }) =>
        [metricText(metric), ...groupBy.map((name) => words.each(dimensionText(name)))].join(', '),
    },
    { id: 'severity', title: columns.severity, cell: ({ severity }) => <Severity of={severity} /> },
    { id: 'state', title: columns.state, cell: (rule) => <State rule={rule} /> },
    {
      ...{ id: 'open', title: columns.open, isNumber: true },
      cell: ({ openAlerts }) => <Count of={openAlerts} />,
    },
  ];
}

function State({ rule }: { rule: Rule }): ReactNode {
  const { states } = words;
  if (!rule.enabled) return <Status level="unknown">{states.off}</Status>;
  if (rule.failure !== null) {
    return (
      <span title={rule.failure}>
        <Status level="critical">{states.failing}</Status>
      </span>
    );
  }
  if (rule.silencedUntil !== null && Date.parse(rule.silencedUntil) > Date.now()) {
    return <Status level="info">{states.silenced}</Status>;
  }
  return <Status level="good">{states.on}</Status>;
}
