import type { ReactNode } from 'react';
import { OneOrg } from '../../parts/one-org.tsx';
import { usePageSearch } from '../../question/page-search.ts';
import { useQuestion } from '../../question/question.ts';
import { Arrived } from './arrived.tsx';
import { LiveStrip } from './live-strip.tsx';
import { Refused } from './refused.tsx';
import { readGetStarted } from './search.ts';
import { Send } from './send.tsx';

/** From nothing to the first event. */
export function GetStartedPage(): ReactNode {
  const { org, timeZone } = useQuestion();
  const { way = 'curl' } = usePageSearch(readGetStarted);
  return (
    <OneOrg org={org}>
      <LiveStrip org={org} timeZone={timeZone} />
      <Send org={org} way={way} />
      <Refused org={org} timeZone={timeZone} />
      <Arrived org={org} timeZone={timeZone} />
    </OneOrg>
  );
}
