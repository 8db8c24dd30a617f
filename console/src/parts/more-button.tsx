import type { ReactNode } from 'react';
import { words } from '../words/parts.ts';
import { Button } from './button.tsx';

interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** Shows the next page of a list below the others, if there is one. */
export function MoreButton({ of }: { of: Pages }): ReactNode {
  if (!of.hasNextPage) return null;
  return (
    <Button disabled={of.isFetchingNextPage} onClick={() => void of.fetchNextPage()}>
      {of.isFetchingNextPage ? words.loadingMore : words.more}
    </Button>
  );
}
