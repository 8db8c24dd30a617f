import { type ReactNode, useState } from 'react';
import { Button } from '../parts/button.tsx';
import type { Question } from '../question/question.ts';
import { rangeText } from '../range/range.ts';
import { parseSearch, writeSearch } from '../url/search.ts';
import { words } from '../words/shell.ts';
import { icons } from './icons.tsx';

const SHOWN_FOR = 2_000;

/** Copies the address of exactly what is shown: a range that moves is pinned to its moments. */
export function CopyLink({ question }: { question: Question }): ReactNode {
  const [text, setText] = useState<string>(words.copyLink.label);
  const copy = async () => {
    await navigator.clipboard.writeText(pinned(question)).then(
      () => setText(words.copyLink.done),
      () => setText(words.copyLink.failed),
    );
    setTimeout(() => setText(words.copyLink.label), SHOWN_FOR);
  };
  return (
    <Button kind="quiet" onClick={() => void copy()}>
      {icons.link}
      <span aria-live="polite">{text}</span>
    </Button>
  );
}

function pinned({ org, range, timeZone }: Question): string {
  const search = {
    ...parseSearch(location.search),
    ...{ org, range: rangeText(range.start, range.end), tz: timeZone, live: undefined },
  };
  return `${location.origin}${location.pathname}${writeSearch(search)}`;
}
