import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { ActedBar } from '../../alerting/acted-bar.tsx';
import { useAct } from '../../alerting/actions.ts';
import { NoteDialog } from '../../alerting/note-dialog.tsx';
import { alertsOf, orgFilter, REFRESH_EVERY, type Tab } from '../../alerting/queries.ts';
import { apiBase } from '../../api/base.ts';
import { meQuery } from '../../api/shared-queries.ts';
import { Button, buttonClass, Choices } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Panel } from '../../parts/panel.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { timeOf, useQuestion, useSetSearch } from '../../question/question.ts';
import { keepShared } from '../../shell/keys.ts';
import { writeSearch } from '../../url/search.ts';
import { words } from '../../words/alerts.ts';
import { AlertRows } from './alert-rows.tsx';
import styles from './alerts.module.css';
import { useListKeys } from './list-keys.ts';
import { readAlerts, tabs } from './search.ts';
import { useSelection } from './selection.ts';

/** What fires, what somebody has taken on, and what fired before. */
export function AlertsPage(): ReactNode {
  const question = useQuestion();
  const { org, timeZone } = question;
  const { tab = 'active' } = usePageSearch(readAlerts);
  const setSearch = useSetSearch();
  const { start, end } = timeOf(question);
  const answer = useInfiniteQuery({
    ...alertsOf(org, tab, { start, end }),
    // History has the range of the page, which moves by itself.
    ...(tab !== 'history' && { refetchInterval: REFRESH_EVERY }),
  });
  const alerts = useMemo(() => answer.data?.pages.flatMap((page) => page.alerts) ?? [], [answer.data]);
  const { data: me } = useQuery(meQuery);
  const mayAct = me?.capabilities.includes('alerts:write') === true;
  const selection = useSelection(useMemo(() => alerts.map(({ id }) => id), [alerts]));
  const acting = useAct();
  const [resolving, setResolving] = useState<readonly string[]>();

  const acknowledge = (ids: readonly string[]) => {
    if (!mayAct || tab === 'history') return;
    acting.mutate({ action: 'acknowledge', ids });
    selection.clear();
  };
  const resolve = (note: string) => {
    if (resolving !== undefined) acting.mutate({ action: 'resolve', ids: resolving, note });
    setResolving(undefined);
    selection.clear();
  };
  const onResolve = (ids: readonly string[]) => mayAct && tab !== 'history' && setResolving(ids);
  useListKeys({ chosen: selection.ids, onAcknowledge: acknowledge, onResolve });

  const chooser = (
    <>
      <Choices
        label={words.tab}
        choices={tabs}
        chosen={tab}
        textOf={(choice) => words.tabs[choice]}
        onChoose={(choice) => setSearch({ tab: choice === 'active' ? undefined : choice })}
      />
      {tab === 'history' && <CsvLink org={org} time={{ start, end }} />}
      <Link to="/rules/new" search={keepShared} className={buttonClass}>
        {words.newRule}
      </Link>
    </>
  );
  return (
    <>
      <ActedBar acting={acting} />
      <Panel title={words.tabs[tab]} answer={answer} actions={chooser} height={240}>
        {() =>
          alerts.length === 0 ? (
            <NoAlerts tab={tab} />
          ) : (
            <>
              {mayAct && tab !== 'history' && (
                <div className={styles.selected}>
                  <span aria-live="polite">{words.selected(selection.ids.length)}</span>
                  <Button
                    disabled={selection.ids.length === 0 || tab === 'acknowledged'}
                    onClick={() => acknowledge(selection.ids)}
                  >
                    {words.actions.acknowledge} <kbd>a</kbd>
                  </Button>
                  <Button disabled={selection.ids.length === 0} onClick={() => setResolving(selection.ids)}>
                    {words.actions.resolve} <kbd>r</kbd>
                  </Button>
                  <span className={styles.hint}>{words.keysHint}</span>
                </div>
              )}
              <AlertRows
                {...{ alerts, timeZone, isStateShown: tab === 'history' }}
                selection={mayAct && tab !== 'history' ? selection : undefined}
              />
              {answer.hasNextPage && (
                <Button disabled={answer.isFetchingNextPage} onClick={() => void answer.fetchNextPage()}>
                  {words.more}
                </Button>
              )}
            </>
          )
        }
      </Panel>
      {resolving !== undefined && (
        <NoteDialog
          action="resolve"
          count={resolving.length}
          onDone={resolve}
          onClose={() => setResolving(undefined)}
        />
      )}
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
