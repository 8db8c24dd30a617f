import type { ReactNode } from 'react';
import { Chips } from '../parts/chips.tsx';
import { useSetSearch } from '../question/question.ts';
import { words } from '../words/calls.ts';
import { type CallFilters, callFilters } from './filters.ts';

/** What a page about calls is limited to; each can be taken away. */
export function CallFilterChips({ filters }: { filters: CallFilters }): ReactNode {
  const setSearch = useSetSearch();
  const chips = callFilters.flatMap((filter) => {
    const value = filters[filter];
    if (value === undefined) return [];
    const text = words.filter(words.filterNames[filter], value);
    const onRemove = () => setSearch({ [filter]: undefined });
    return [{ text, removeLabel: words.remove(text), onRemove }];
  });
  return <Chips label={words.filters} chips={chips} />;
}
