import { type ReactNode, useState } from 'react';
import { useMay } from '../../api/may.ts';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion } from '../../question/question.ts';
import { Aliases } from './aliases.tsx';
import { MlPrices } from './ml-prices.tsx';
import { NewPriceDialog } from './new-price.tsx';
import type { PriceFor } from './price-for.ts';
import { PriceTable } from './price-table.tsx';
import { readPrices } from './search.ts';
import { UnpricedModels } from './unpriced-models.tsx';

/** What tokens cost, and what has no price. */
export function PricesPage(): ReactNode {
  const { org, timeZone } = useQuestion();
  const { sort = 'model' } = usePageSearch(readPrices);
  const mayWrite = useMay('prices:manage');
  const [added, setAdded] = useState<PriceFor>();
  const onAdd = mayWrite ? setAdded : undefined;
  return (
    <>
      <UnpricedModels {...{ org, timeZone, onAdd }} />
      <PriceTable {...{ timeZone, sort, onAdd }} />
      <Aliases {...{ timeZone, mayWrite }} />
      <MlPrices {...{ timeZone, mayWrite }} />
      {added !== undefined && <NewPriceDialog of={added} onClose={() => setAdded(undefined)} />}
    </>
  );
}
