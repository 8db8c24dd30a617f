import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { ActedBar } from '../../alerting/acted-bar.tsx';
import { NoteDialog } from '../../alerting/note-dialog.tsx';
import { alertsOf, orgFilter, REFRESH_EVERY, type Tab } from '../../alerting/queries.ts';
import { apiBase } from '../../api/base.ts';
import { useMay } from '../../api/may.ts';
import { Button, buttonClass, Choices } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { MoreButton } from '../../parts/more-button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { timeOf, useQuestion, useSetSearch } from '../../question/question.ts';
import { keepShared } from '../../shell/keys.ts';
import { writeSearch } from '../../url/search.ts';
import { words } from '../../words/alerts.ts';
import { AlertRows } from './alert-rows.tsx';
import { useListActing } from './list-acting.ts';
import { readAlerts, tabs } from './search.ts';
import { SelectedBar } from './selected-bar.tsx';
import { useSelection } from './selection.ts';

/** What fires, what somebody has taken on, and what fired before. */
export function AlertsPage(): ReactNode {
  const question = useQuestion();
  const { org, timeZone } = question;
  const { tab = 'active' } = usePageSearch(readAlerts);
  const { start, end } = timeOf(question);
  const answer = useInfiniteQuery({
    ...alertsOf(org, tab, { start, end }),
    // History has the range of the page, which moves by itself.
    ...(tab !== 'history' && { refetchInterval: REFRESH_EVERY }),
  });
  const alerts = useMemo(() => answer.data?.pages.flatMap((page) => page.alerts) ?? [], [answer.data]);
  const selection = useSelection(useMemo(() => alerts.map(({ id }) => id), [alerts]));
  const mayWrite = useMay('alerts:write');
  const mayAct = mayWrite && tab !== 'history';
  const acting = useListActing(selection, mayAct);
  return (
    <>
      <ActedBar acting={acting.acting} />
      <Panel
        title={words.tabs[tab]}
        answer={answer}
        actions={<Chooser {...{ org, tab, time: { start, end } }} />}
        height={240}
      >
        {() =>
          alerts.length === 0 ? (
            <NoAlerts tab={tab} />
          ) : (
            <>
              {mayAct && <SelectedBar {...{ tab, ids: selection.ids, acting }} />}
              <AlertRows
                {...{ alerts, timeZone, isStateShown: tab === 'history' }}
                selection={mayAct ? selection : undefined}
              />
              <MoreButton of={answer} />
            </>
          )
        }
      </Panel>
      {acting.resolving !== undefined && (
        <NoteDialog
          {...{ action: 'resolve', count: acting.resolving.length }}
          onDone={acting.resolve}
          onClose={acting.stopAsking}
        />
      )}
    </>
  );
}

interface ChooserProps {
  org: string;
  tab: Tab;
  time: { start: string; end: string };
}

/** Which alerts the list has, and what else there is to do. */
function Chooser({ org, tab, time }: ChooserProps): ReactNode {
  const setSearch = useSetSearch();
  return (
    <>
      <Choices
        label={words.tab}
        choices={tabs}
        chosen={tab}
        textOf={(choice) => words.tabs[choice]}
        onChoose={(choice) => setSearch({ tab: choice === 'active' ? undefined : choice })}
      />
      {tab === 'history' && <CsvLink org={org} time={time} />}
      <Link to="/rules/new" search={keepShared} className={buttonClass}>
        {words.newRule}
      </Link>
    </>
  );
}

function CsvLink({ org, time }: { org: string; time: { start: string; end: string } }): ReactNode {
  const query = { ...orgFilter(org), ...time, format: 'csv' };
  return (
    <a href={`${apiBase}/api/v1/analytics/alerts/history${writeSearch(query)}`} download>
      {words.csv}
    </a>
  );
}

function NoAlerts({ tab }: { tab: Tab }): ReactNode {
  const setSearch = useSetSearch();
  const { title, text } = words.empty[tab];
  const action =
    tab === 'history' ? (
      <Button onClick={() => setSearch({ range: '30d' })}>{words.empty.longer}</Button>
    ) : (
      <Button onClick={() => setSearch({ tab: 'history' })}>{words.empty.toHistory}</Button>
    );
  return (
    <Empty title={title} action={action}>
      {text}
    </Empty>
  );
}
