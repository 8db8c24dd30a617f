import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useMemo, useState } from 'react';
import { useMay } from '../../api/may.ts';
import { Button, Choices } from '../../parts/button.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { ALL_ORGS, useQuestion, useSetSearch } from '../../question/question.ts';
import { readList } from '../../url/search.ts';
import { words } from '../../words/silences.ts';
import { columnsFor } from './columns.tsx';
import { type Silence, silencesOf } from './queries.ts';
import { readSilences } from './search.ts';
import { SilenceForm } from './silence-form.tsx';
import { type Stop, StopDialog } from './stop-dialog.tsx';

/** Silences and maintenance windows. */
export function SilencesPage(): ReactNode {
  const { org, timeZone } = useQuestion();
  const { show, new: opened, rules, labels } = usePageSearch(readSilences);
  const setSearch = useSetSearch();
  const answer = useInfiniteQuery(silencesOf(org, show === 'over'));
  const silences = useMemo(() => answer.data?.pages.flatMap((page) => page.silences) ?? [], [answer.data]);
  const mayWrite = useMay('alerts:write');
  const [stop, setStop] = useState<Stop>();
  const [changed, setChanged] = useState<Silence>();
  const add = mayWrite && (
    <Button kind="primary" onClick={() => setSearch({ new: 'silence' })}>
      {words.make}
    </Button>
  );
  return (
    <>
      <Panel
        title={words.title}
        note={words.note}
        answer={answer}
        height={200}
        actions={
          <>
            <Shown show={show} />
            {add}
          </>
        }
      >
        {() => (
          <>
            {silences.length === 0 ? (
              <NoSilences isOver={show === 'over'} />
            ) : (
              <DataTable
                {...{ caption: words.title, rows: silences }}
                columns={columnsFor({
                  ...{ timeZone, isOrgShown: org === ALL_ORGS },
                  acts: mayWrite && { onStop: setStop, onChange: setChanged },
                })}
                keyOf={({ id }) => id}
              />
            )}
            <MoreButton of={answer} />
          </>
        )}
      </Panel>
      {opened !== undefined && mayWrite && (
        <SilenceForm
          {...{ org, timeZone, rules: readList(rules), labels: readList(labels) }}
          onClose={() => setSearch({ new: undefined, rules: undefined, labels: undefined })}
        />
      )}
      {changed !== undefined && (
        <SilenceForm
          {...{ org: changed.orgId ?? org, timeZone, rules: [], labels: [], silence: changed }}
          onClose={() => setChanged(undefined)}
        />
      )}
      {stop !== undefined && <StopDialog stop={stop} onClose={() => setStop(undefined)} />}
    </>
  );
}

function Shown({ show }: { show: 'over' | undefined }): ReactNode {
  const setSearch = useSetSearch();
  return (
    <Choices
      label={words.shown}
      choices={['current', 'over']}
      chosen={show ?? 'current'}
      textOf={(choice) => words.tabs[choice]}
      onChoose={(choice) => setSearch({ show: choice === 'over' ? 'over' : undefined })}
    />
  );
}

function NoSilences({ isOver }: { isOver: boolean }): ReactNode {
  return isOver ? (
    <Empty title={words.noneOver}>{words.noneOverText}</Empty>
  ) : (
    <Empty title={words.none}>{words.noneText}</Empty>
  );
}
