import type { ReactNode } from 'react';
import { exactCount, shortCount } from '../../numbers/count.ts';
import { duration, exactDuration } from '../../numbers/duration.ts';
import { amountIn, exactAmountIn, exactMoney, shortMoney } from '../../numbers/money.ts';
import { exactPercent, percent } from '../../numbers/percent.ts';

/** A number in short, with its exact value as title and for those who copy it (`copyExactValues`). */
export function Value({ short, exact }: { short: string; exact: string }): ReactNode {
  return (
    <data className="number" value={exact} title={short === exact ? undefined : exact} data-exact={exact}>
      {short}
    </data>
  );
}

type Known = number | null | undefined;

export function Money({ dollars, exact }: { dollars: Known; exact?: string | undefined }): ReactNode {
  return <Value short={shortMoney(dollars)} exact={exactMoney(exact ?? dollars)} />;
}

export function CurrencyAmount({ currency, amount }: { currency: string; amount: Known }): ReactNode {
  return <Value short={amountIn(currency, amount)} exact={exactAmountIn(currency, amount)} />;
}

export function Count({ of }: { of: Known }): ReactNode {
  return <Value short={shortCount(of)} exact={exactCount(of)} />;
}

export function Share({ of }: { of: Known }): ReactNode {
  return <Value short={percent(of)} exact={exactPercent(of)} />;
}

export function Duration({ ms }: { ms: Known }): ReactNode {
  return <Value short={duration(ms)} exact={exactDuration(ms)} />;
}

/** Whoever copies a single number from the page gets all its digits. */
export function copyExactValues(): void {
  document.addEventListener('copy', (event) => {
    const selection = getSelection();
    const node = selection?.anchorNode;
    const element = node instanceof Element ? node : node?.parentElement;
    const value = element?.closest<HTMLElement>('[data-exact]');
    if (value?.dataset.exact === undefined || selection?.toString().trim() !== value.textContent) return;
    event.clipboardData?.setData('text/plain', value.dataset.exact);
    event.preventDefault();
  });
}
