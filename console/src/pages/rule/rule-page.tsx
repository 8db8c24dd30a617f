import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { type ReactNode, useRef, useState } from 'react';
import { type Draft, draftOf, type Fault, faultsOf, newDraft, type Rule } from '../../alerting/draft.ts';
import { ruleOf } from '../../alerting/queries.ts';
import { metricsQuery, previewOf } from '../../alerting/rule-queries.ts';
import { ApiFailure } from '../../api/failure.ts';
import { useMay } from '../../api/may.ts';
import { meQuery } from '../../api/shared-queries.ts';
import { Choices } from '../../parts/button.tsx';
import { FailurePanel } from '../../parts/failure-panel.tsx';
import { useDebounced } from '../../parts/forms/debounced.ts';
import { Panel, Skeleton } from '../../parts/panel.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { ALL_ORGS, useQuestion, useSetSearch } from '../../question/question.ts';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/rules.ts';
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
  const { base, draft, setDraft, reset } = useDraft(rule, org);
  const { data: metrics } = useQuery(metricsQuery);
  const { preview, isReplayable, isChecking } = usePreview(draft);
  const [isNameLeft, setNameLeft] = useState(false);
  const editing: Editing = {
    draft,
    faults: [...faultsIn(preview.error), ...(isNameLeft && isNameless(draft) ? [nameless] : [])],
    leaveName: () => setNameLeft(true),
    set: (change) => setDraft((old) => ({ ...old, ...change }) as Draft),
  };
  return (
    <div className={styles.editor}>
      <RuleCard {...{ base, editing, org, isChecking }} onDraft={setDraft} onReset={reset} />
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

/** The rule as it is being changed, beside the version that was loaded: not one that somebody else has saved meanwhile. */
function useDraft(rule: Rule | undefined, org: string) {
  const beginning = usePageSearch(readRule);
  const [base, setBase] = useState(rule);
  const [draft, setDraft] = useState<Draft>(() =>
    rule === undefined ? newDraft(org === ALL_ORGS ? null : org, beginning) : draftOf(rule),
  );
  const reset = (to: Rule) => {
    setBase(to);
    setDraft(draftOf(to));
  };
  return { base, draft, setDraft, reset };
}

/** What the rule would have done, once nobody has changed it for a moment. */
function usePreview(draft: Draft) {
  const settled = useDebounced(draft, DEBOUNCE);
  const isReplayable = !settled.metric.startsWith('service.');
  const preview = useQuery({ ...previewOf(settled), enabled: isReplayable });
  return { preview, isReplayable, isChecking: draft !== settled || preview.isFetching };
}

interface RuleCardProps {
  base: Rule | undefined;
  editing: Editing;
  org: string;
  isChecking: boolean;
  onDraft: (draft: Draft) => void;
  /** Begins again from a version that is stored. */
  onReset: (rule: Rule) => void;
}

/** The rule as a sentence or as YAML, and what can be done with it. */
function RuleCard({ base, editing, org, isChecking, onDraft, onReset }: RuleCardProps): ReactNode {
  const { draft, faults } = editing;
  const { view = 'form' } = usePageSearch(readRule);
  const setSearch = useSetSearch();
  const card = useRef<HTMLElement>(null);
  const askForName = () => {
    editing.leaveName();
    card.current?.querySelector<HTMLInputElement>('input[name="name"]')?.focus();
  };
  return (
    <section ref={card} className={styles.card} aria-label={draft.name || words.new}>
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
      {base?.builtIn != null && <p className={styles.about}>{words.builtIn}</p>}
      {view === 'form' ? (
        <>
          <Sentence editing={editing} />
          <Settings editing={editing} />
        </>
      ) : (
        <YamlView draft={draft} org={draft.orgId ?? org} onApply={onDraft} />
      )}
      {view === 'yaml' && faultsOf(faults, 'name').length > 0 && (
        <p className={styles.fault} role="alert">
          {words.needName}
        </p>
      )}
      <RuleFooter
        {...{ base, draft, isChecking, onReset }}
        hasFaults={faults.some((fault) => fault !== nameless)}
        onNameless={isNameless(draft) ? askForName : undefined}
      />
    </section>
  );
}

/** About the height of a button. */
const FOOTER_HEIGHT = 36;

interface FooterProps {
  base: Rule | undefined;
  draft: Draft;
  hasFaults: boolean;
  isChecking: boolean;
  onNameless: (() => void) | undefined;
  onReset: (rule: Rule) => void;
}

/** What can be done with the rule, or that nothing can; neither, while that is not known. */
function RuleFooter({ onReset, ...props }: FooterProps): ReactNode {
  const { data, error, isFetching, refetch } = useQuery(meQuery);
  const mayWrite = useMay('alerts:write');
  if (data === undefined) {
    return error === null ? (
      <Skeleton height={FOOTER_HEIGHT} />
    ) : (
      <FailurePanel
        {...{ error, isRetrying: isFetching, isOlderShown: false }}
        onRetry={() => void refetch()}
      />
    );
  }
  if (!mayWrite) return <p className={styles.about}>{words.readOnly}</p>;
  return <RuleActions {...props} onSaved={onReset} onTheirs={onReset} />;
}

/** The service previews a rule without a name. */
const nameless: Fault = { path: '$.name', message: words.needName };

function isNameless(draft: Draft): boolean {
  return draft.name.trim() === '';
}

/** The faults that the service finds. */
function faultsIn(error: Error | null): Fault[] {
  return error instanceof ApiFailure ? (error.problem.errors ?? []) : [];
}
