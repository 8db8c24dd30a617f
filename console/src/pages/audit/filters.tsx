import { type ReactNode, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { useSetSearch } from '../../question/question.ts';
import { words } from '../../words/settings/audit.ts';
import styles from './audit.module.css';
import type { AuditSearch } from './search.ts';

/** Limits the log to an account, to an action, or to both. */
export function Filters({ search }: { search: AuditSearch }): ReactNode {
  const [actor, setActor] = useState(search.actor ?? '');
  const [action, setAction] = useState(search.action ?? '');
  const setSearch = useSetSearch();
  const isFiltered = search.actor !== undefined || search.action !== undefined;
  return (
    <form
      className={styles.filters}
      onSubmit={(event) => {
        event.preventDefault();
        setSearch({ actor: actor.trim() || undefined, action: action.trim() || undefined });
      }}
    >
      <TextInput aria-label={words.actor} placeholder={words.actorHint} value={actor} onText={setActor} />
      <TextInput aria-label={words.action} placeholder={words.actionHint} value={action} onText={setAction} />
      <Button type="submit">{words.filter}</Button>
      {isFiltered && (
        <Button kind="quiet" onClick={() => setSearch({ actor: undefined, action: undefined })}>
          {words.clear}
        </Button>
      )}
    </form>
  );
}
