import type { ReactNode } from 'react';
import { apiBase } from '../../api/base.ts';
import { Choices } from '../../parts/button.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion, useSetSearch } from '../../question/question.ts';
import { writeSearch } from '../../url/search.ts';
import { words } from '../../words/business.ts';
import styles from './business.module.css';
import { CollectionsPanel } from './collections-panel.tsx';
import { FunnelPanel } from './funnel-panel.tsx';
import { OverviewPanel } from './overview-panel.tsx';
import { ProductsPanel } from './products-panel.tsx';
import { businessQuestion } from './queries.ts';
import { SalesPanel } from './sales-panel.tsx';
import { comparisons, readBusiness, tabs } from './search.ts';

const panels = {
  overview: OverviewPanel,
  sales: SalesPanel,
  products: ProductsPanel,
  collections: CollectionsPanel,
  funnel: FunnelPanel,
};

/** What is sold, and what is not. */
export function BusinessPage(): ReactNode {
  const question = useQuestion();
  const { tab = 'overview', compare = 'previous', sort } = usePageSearch(readBusiness);
  const setSearch = useSetSearch();
  const Shown = panels[tab];
  const csv = writeSearch({
    ...businessQuestion(question, compare),
    ...(tab === 'sales' && { granularity: question.range.granularity }),
    format: 'csv',
  });
  return (
    <>
      <div className={styles.controls}>
        <Choices
          label={words.tab}
          choices={tabs}
          chosen={tab}
          textOf={(choice) => words.tabs[choice]}
          onChoose={(choice) =>
            setSearch({ tab: choice === 'overview' ? undefined : choice, sort: undefined })
          }
        />
        <span className={styles.controls}>
          <Choices
            label={words.compare}
            choices={comparisons}
            chosen={compare}
            textOf={(choice) => words.comparisons[choice]}
            onChoose={(choice) => setSearch({ compare: choice === 'previous' ? undefined : choice })}
          />
          <a href={`${apiBase}/api/v1/analytics/business/${tab}${csv}`} download>
            {words.csv}
          </a>
        </span>
      </div>
      <Shown {...{ question, compare, sort }} />
    </>
  );
}
