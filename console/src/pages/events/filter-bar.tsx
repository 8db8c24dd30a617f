import { type ReactNode, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Select } from '../../parts/forms/choice.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { useSetSearch } from '../../question/question.ts';
import { words as calls } from '../../words/calls.ts';
import { words } from '../../words/events.ts';
import styles from './events.module.css';
import { type EventFilters, eventTypes } from './search.ts';

const texts = ['model', 'client', 'code', 'correlation'] as const;
const statuses = ['', 'success', 'error', 'timeout', 'throttled'] as const;

/** Limits the list. All of it stands in the address. */
export function FilterBar({ filters }: { filters: EventFilters }): ReactNode {
  const setSearch = useSetSearch();
  const [draft, setDraft] = useState(() =>
    Object.fromEntries(texts.map((name) => [name, filters[name] ?? ''])),
  );
  const isFiltered = Object.keys(filters).length > 0;
  const status = statuses.find((one) => one === filters.status) ?? '';
  const clear = () =>
    setSearch({
      ...Object.fromEntries(texts.map((name) => [name, undefined])),
      type: undefined,
      status: undefined,
    });
  return (
    <form
      className={styles.filters}
      onSubmit={(event) => {
        event.preventDefault();
        setSearch(Object.fromEntries(texts.map((name) => [name, draft[name]?.trim() || undefined])));
      }}
    >
      <Select
        label={words.fields.type}
        choices={['', ...eventTypes]}
        chosen={filters.type ?? ''}
        textOf={(type) => (type === '' ? words.allTypes : words.types[type])}
        onChoose={(type) => setSearch({ type: type || undefined })}
      />
      <Select
        label={words.fields.status}
        choices={statuses}
        chosen={status}
        textOf={(one) => (one === '' ? words.allStatuses : calls.statuses[one])}
        onChoose={(one) => setSearch({ status: one || undefined })}
      />
      {texts.map((name, index) => (
        <TextInput
          key={name}
          aria-label={words.fields[name]}
          placeholder={words.fields[name]}
          value={draft[name] ?? ''}
          onText={(text) => setDraft({ ...draft, [name]: text })}
          {...(index === 0 && { 'data-filter': '' })}
        />
      ))}
      <Button type="submit">{words.apply}</Button>
      {isFiltered && (
        <Button kind="quiet" onClick={clear}>
          {words.clear}
        </Button>
      )}
    </form>
  );
}
