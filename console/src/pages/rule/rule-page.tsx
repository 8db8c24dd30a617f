import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { type Draft, draftOf, type Fault, newDraft, type Rule } from '../../alerting/draft.ts';
import { ruleOf } from '../../alerting/queries.ts';
import { metricsQuery, previewOf } from '../../alerting/rule-queries.ts';
import { ApiFailure } from '../../api/failure.ts';
import { meQuery } from '../../api/shared-queries.ts';
import { Choices } from '../../parts/button.tsx';
import { Panel } from '../../parts/panel.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { ALL_ORGS, useQuestion, useSetSearch } from '../../question/question.ts';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/rules.ts';
import { useDebounced } from './debounced.ts';
import type { Editing } from './fields.tsx';
import { PreviewPanel } from './preview.tsx';
import styles from './rule.module.css';
import { RuleActions } from './rule-actions.tsx';
import { readRule, views } from './search.ts';
import { Sentence } from './sentence.tsx';
import { Settings } from './settings.tsx';
import { YamlView } from './yaml-view.tsx';

const NEW = 'new';

/** Makes or changes a rule, beside what it would have done. */
export function RulePage(): ReactNode {
  const { id = NEW } = useParams({ strict: false });
  const isNew = id === NEW;
  const answer = useQuery({ ...ruleOf(id), enabled: !isNew, refetchOnMount: 'always' });
  return (
    <>
      <p className={styles.back}>
        <Link to="/rules" search={keepShared}>
          ← {words.back}
        </Link>
      </p>
      {isNew ? (
        <Editor rule={undefined} />
      ) : answer.data === undefined ? (
        <Panel title={words.rules} answer={answer} height={300}>
          {() => null}
        </Panel>
      ) : (
        <Editor key={answer.data.id} rule={answer.data} />
      )}
    </>
  );
}

const DEBOUNCE = 400;

function Editor({ rule }: { rule: Rule | undefined }): ReactNode {
  const { org, timeZone } = useQuestion();
  const { view = 'form' } = usePageSearch(readRule);
  const setSearch = useSetSearch();
  // The version that was loaded, and not one that somebody else has saved meanwhile.
  const [base, setBase] = useState(rule);
  const [draft, setDraft] = useState<Draft>(() =>
    rule === undefined ? newDraft(org === ALL_ORGS ? null : org) : draftOf(rule),
  );
  const { data: metrics } = useQuery(metricsQuery);
  const { data: me } = useQuery(meQuery);
  const settled = useDebounced(draft, DEBOUNCE);
  const isReplayable = !settled.metric.startsWith('service.');
  const preview = useQuery({ ...previewOf(settled), enabled: isReplayable });
  const faults = faultsIn(draft, preview.error);
  const editing: Editing = {
    draft,
    faults,
    set: (change) => setDraft((old) => ({ ...old, ...change }) as Draft),
  };
  const mayWrite = me?.capabilities.includes('alerts:write') === true;
  return (
    <div className={styles.editor}>
      <section className={styles.card} aria-label={draft.name || words.new}>
        <header className={styles.head}>
          <h2>{draft.name || words.new}</h2>
          <Choices
            label={words.tab}
            choices={views}
            chosen={view}
            textOf={(choice) => words.tabs[choice]}
            onChoose={(choice) =>
              setSearch({ view: choice === 'form' ? undefined : choice }, { replace: true })
            }
          />
        </header>
        {rule?.builtIn != null && <p className={styles.about}>{words.builtIn}</p>}
        {view === 'form' ? (
          <>
            <Sentence editing={editing} />
            <Settings editing={editing} />
          </>
        ) : (
          <YamlView draft={draft} org={draft.orgId ?? org} onApply={setDraft} />
        )}
        {mayWrite ? (
          <RuleActions
            {...{
              base,
              draft,
              hasFaults: faults.length > 0,
              isChecking: draft !== settled || preview.isFetching,
            }}
            onSaved={(saved) => {
              setBase(saved);
              setDraft(draftOf(saved));
            }}
            onTheirs={(theirs) => {
              setBase(theirs);
              setDraft(draftOf(theirs));
            }}
          />
        ) : (
          <p className={styles.about}>{words.readOnly}</p>
        )}
      </section>
      {isReplayable ? (
        <PreviewPanel
          {...{ answer: preview, draft, timeZone }}
          unit={metrics?.metrics.find(({ name }) => name === draft.metric)?.unit ?? 'any'}
          onThreshold={(threshold) => editing.set({ threshold })}
        />
      ) : (
        <p className={styles.about}>{words.notReplayable}</p>
      )}
    </div>
  );
}

/** The faults that the service finds, and a name that is missing. */
function faultsIn(draft: Draft, error: Error | null): Fault[] {
  const found = error instanceof ApiFailure ? (error.problem.errors ?? []) : [];
  return draft.name.trim() === '' ? [...found, { path: '$.name', message: words.needName }] : found;
}
