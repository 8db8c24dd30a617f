import type { ReactNode } from 'react';
import { Chips } from '../../parts/chips.tsx';
import { useSetSearch } from '../../question/question.ts';
import { readList, writeList } from '../../url/search.ts';
import { filtersIn, type Grouping } from '../../usage/usage.ts';
import { words } from '../../words/usage.ts';
import { groupingText } from './groups.ts';
import type { UsageSearch } from './search.ts';

/** What the page is limited to; each can be taken away. */
export function FilterChips({ search }: { search: UsageSearch }): ReactNode {
  const setSearch = useSetSearch();
  const chips = Object.entries(filtersIn({ ...search })).flatMap(([filter, values]) =>
    readList(values).map((value) => {
      const text = words.filter(groupingText(filter as Grouping), value);
      const others = readList(values).filter((other) => other !== value);
      return {
        ...{ text, removeLabel: words.remove(text) },
        onRemove: () => setSearch({ [filter]: writeList(others) }),
      };
    }),
  );
  return <Chips label={words.filters} chips={chips} />;
}
