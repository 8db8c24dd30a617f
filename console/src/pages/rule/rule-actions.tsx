import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { recipientText } from '../../alerting/alert.ts';
import type { Draft, Rule } from '../../alerting/draft.ts';
import { ruleOf } from '../../alerting/queries.ts';
import { api, dataOf } from '../../api/client.ts';
import { ApiFailure } from '../../api/failure.ts';
import { Button } from '../../parts/button.tsx';
import { FailurePanel } from '../../parts/failure-panel.tsx';
import { Confirm } from '../../parts/forms/confirm.tsx';
import { Status } from '../../parts/status.tsx';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/rules.ts';
import styles from './rule.module.css';

const CONFLICT = 412;

interface ActionsProps {
  /** The rule as it was read; none for a new one. */
  base: Rule | undefined;
  draft: Draft;
  hasFaults: boolean;
  isChecking: boolean;
  /** Asks for the name, if there is none yet. */
  onNameless: (() => void) | undefined;
  onSaved: (saved: Rule) => void;
  onTheirs: (theirs: Rule) => void;
}

/** Saves, tests and deletes a rule. */
export function RuleActions(props: ActionsProps): ReactNode {
  const { base, hasFaults, isChecking, onNameless } = props;
  const { save, theirs } = useStoring(props);
  const test = useTest();
  const [isRemoving, setRemoving] = useState(false);
  const isConflict = save.error instanceof ApiFailure && save.error.status === CONFLICT;
  return (
    <div className={styles.actions}>
      <Button
        kind="primary"
        disabled={hasFaults || isChecking || save.isPending}
        onClick={onNameless ?? (() => save.mutate())}
      >
        {base === undefined ? words.create : words.save}
      </Button>
      {base !== undefined && (
        <>
          <Button title={words.testHint} disabled={test.isPending} onClick={() => test.mutate(base.id)}>
            {words.test}
          </Button>
          {base.builtIn === null && (
            <Button kind="quiet" onClick={() => setRemoving(true)}>
              {words.remover}
            </Button>
          )}
        </>
      )}
      <div role="status" className={styles.result}>
        {save.isSuccess && <Status level="good">{words.saved}</Status>}
        {test.data !== undefined && <p>{testedText(test.data.recipients)}</p>}
      </div>
      {isConflict && base !== undefined ? (
        <div role="alert" className={styles.result}>
          <Status level="warning">{words.conflict}</Status>{' '}
          <Button onClick={() => theirs.mutate(base.id)}>{words.loadTheirs}</Button>
        </div>
      ) : (
        save.error !== null && <FailurePanel error={save.error} onRetry={() => save.mutate()} />
      )}
      {test.error !== null && base !== undefined && (
        <FailurePanel error={test.error} onRetry={() => test.mutate(base.id)} />
      )}
      {isRemoving && base !== undefined && <RemoveDialog id={base.id} onClose={() => setRemoving(false)} />}
    </div>
  );
}

/** Saves a rule. If somebody else has saved it meanwhile, `theirs` reads that version. */
function useStoring({ base, draft, onSaved, onTheirs }: ActionsProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const save = useMutation({
    mutationFn: () => store(base, draft),
    onSuccess: async (saved) => {
      client.setQueryData(ruleOf(saved.id).queryKey, saved);
      onSaved(saved);
      await client.invalidateQueries({ queryKey: ['rules'] });
      if (base === undefined) await navigate({ to: `/rules/${saved.id}`, search: keepShared, replace: true });
    },
  });
  const theirs = useMutation({
    mutationFn: (id: string) => client.fetchQuery({ ...ruleOf(id), staleTime: 0 }),
    onSuccess: (rule) => {
      save.reset();
      onTheirs(rule);
    },
  });
  return { save, theirs };
}

function useTest() {
  return useMutation({
    mutationFn: (id: string) =>
      dataOf(api.POST('/api/v1/analytics/alerts/configs/{id}/test', { params: { path: { id } } })),
  });
}

/** Asks, and deletes the rule. */
function RemoveDialog({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const navigate = useNavigate();
  const remove = useMutation({
    mutationFn: () => api.DELETE('/api/v1/analytics/alerts/configs/{id}', { params: { path: { id } } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['rules'] });
      await navigate({ to: '/rules', search: keepShared });
    },
  });
  return (
    <Confirm
      {...{ title: words.remover, text: words.removeAsk, action: words.remover, onClose }}
      {...{ isBusy: remove.isPending, error: remove.error }}
      onConfirm={() => remove.mutate()}
    />
  );
}

/** Adds the rule, or changes it if it still has the version that was read. */
function store(base: Rule | undefined, draft: Draft): Promise<Rule> {
  if (base === undefined) return dataOf(api.POST('/api/v1/analytics/alerts/configs', { body: draft }));
  const { orgId: _, ...body } = draft;
  return dataOf(
    api.PUT('/api/v1/analytics/alerts/configs/{id}', {
      params: { path: { id: base.id } },
      headers: { 'if-match': `"${base.version}"` },
      body,
    }),
  );
}

function testedText(recipients: readonly { channel: string; recipient: string }[]): string {
  if (recipients.length === 0) return words.testedNobody;
  return words.tested(
    recipients.map(({ channel, recipient }) => `${recipientText(recipient)} (${channel})`).join(', '),
  );
}
