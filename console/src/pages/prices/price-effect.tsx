import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { shortCount } from '../../numbers/count.ts';
import { Money } from '../../parts/figures/value.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { useDebounced } from '../../parts/forms/debounced.ts';
import { ALL_ORGS } from '../../question/question.ts';
import { usageByGroup } from '../../usage/queries.ts';
import { dollarsOf } from '../../usage/usage.ts';
import { words } from '../../words/settings/prices.ts';
import { costBy } from './effect.ts';
import styles from './prices.module.css';
import type { NewPrice } from './queries.ts';

const DAY = 86_400_000;
const DAYS = 30;
/** A request for each letter that is typed would be too many. */
const PAUSE = 400;

/** What the calls of the last days would have cost by a price, beside what they cost. */
export function PriceEffect({ price, now }: { price: NewPrice; now: number }): ReactNode {
  const { model, provider, serviceTier } = price;
  const of = useDebounced(JSON.stringify([model, provider, serviceTier ?? '']), PAUSE);
  const [modelId = '', ...more] = JSON.parse(of) as string[];
  const answer = useQuery({ ...callsOf(modelId, more, now), enabled: modelId !== '' });
  const { effect: text } = words;
  if (modelId === '') return null;
  if (answer.error !== null) return <ActionFailure error={answer.error} />;
  if (answer.data === undefined) return <p className={styles.effect}>{text.loading}</p>;
  const { totals } = answer.data;
  if (totals.invocations === 0) return <p className={styles.effect}>{text.none(modelId, DAYS)}</p>;
  return (
    <div className={styles.effect} role="status">
      <p>{text.calls(shortCount(totals.invocations), DAYS)}</p>
      <dl>
        <dt>{text.now}</dt>
        <dd>
          <Money dollars={dollarsOf(totals)} />
        </dd>
        <dt>{text.byPrice}</dt>
        <dd>
          <Money dollars={costBy(price, totals)} />
        </dd>
      </dl>
      <p>{text.hint}</p>
    </div>
  );
}

/** The calls of all orgs: a price is for all of them. */
function callsOf(model: string, [provider = '', serviceTier = '']: readonly string[], now: number) {
  const start = Math.floor(now / DAY) * DAY - DAYS * DAY;
  const range = { text: '', start, end: now, granularity: 'day' as const, isMoving: false };
  const question = { org: ALL_ORGS, range, timeZone: 'UTC', isLive: false };
  const filters = { model, ...(provider !== '' && { provider }), ...(serviceTier !== '' && { serviceTier }) };
  return usageByGroup(question, filters, 'model');
}
