import type { ReactNode } from 'react';
import { useSetSearch } from '../../question/question.ts';
import { readList, writeList } from '../../url/search.ts';
import { filters } from '../../usage/usage.ts';
import { words } from '../../words/usage.ts';
import type { UsageSearch } from './search.ts';
import styles from './usage.module.css';

/** What the page is limited to; each can be taken away. */
export function FilterChips({ search }: { search: UsageSearch }): ReactNode {
  const setSearch = useSetSearch();
  const chips = filters.flatMap((filter) => readList(search[filter]).map((value) => ({ filter, value })));
  if (chips.length === 0) return null;
  return (
    <ul className={styles.chips} aria-label={words.filters}>
      {chips.map(({ filter, value }) => {
        const text = words.filter(words.groupings[filter], value);
        const others = readList(search[filter]).filter((other) => other !== value);
        return (
          <li key={text}>
            {text}
            <button
              type="button"
              aria-label={words.remove(text)}
              onClick={() => setSearch({ [filter]: writeList(others) })}
            >
              ×
            </button>
          </li>
        );
      })}
    </ul>
  );
}
