import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { paths } from '../../api/schema.ts';
import { duration } from '../../numbers/duration.ts';
import { Change } from '../../parts/figures/change.tsx';
import { Count, CurrencyAmount, Duration, Money, Share } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Level, Status } from '../../parts/status.tsx';
import type { Question } from '../../question/question.ts';
import { words } from '../../words/overview.ts';
import styles from './overview.module.css';
import { summary } from './queries.ts';

type Answer<Path extends keyof paths> = paths[Path] extends {
  get: { responses: { 200: { content: { 'application/json': infer Body } } } };
}
  ? Body
  : never;

type Health = Answer<'/api/v1/analytics/health/overview'>;
type Ml = Answer<'/api/v1/analytics/ml/overview'>;
type Business = Answer<'/api/v1/analytics/business/overview'>;

/** The platform, the ML jobs and the business: those sections that we may see. */
export function Sections({ question }: { question: Question }): ReactNode {
  const answer = useQuery(summary(question));
  const sections = answer.data?.sections;
  const shown = <Data,>(section: { status: string; data?: unknown } | undefined): Data | undefined =>
    section?.status === 'ok' ? (section.data as Data) : undefined;
  const health = shown<Health>(sections?.health);
  const ml = shown<Ml>(sections?.ml);
  const business = shown<Business>(sections?.business);
  return (
    <div className={styles.stack}>
      {(health !== undefined || answer.data === undefined) && (
        <Panel title={words.health.title} answer={answer} height={70}>
          {() => health && <HealthLine health={health} />}
        </Panel>
      )}
      {ml !== undefined && ml.totals.jobs.value !== 0 && (
        <Panel title={words.ml.title} answer={answer} height={50}>
          {() => <MlFigures ml={ml} />}
        </Panel>
      )}
      {business !== undefined && business.orders.value !== 0 && (
        <Panel title={words.business.title} answer={answer} height={50}>
          {() => <BusinessFigures business={business} />}
        </Panel>
      )}
    </div>
  );
}

const levels: Record<string, Level> = { ok: 'good', degraded: 'warning', down: 'critical' };

function HealthLine({ health }: { health: Health }): ReactNode {
  const { status, reasons, platform, service } = health;
  const names: Record<string, string> = words.health;
  return (
    <>
      <p>
        <Status level={levels[status] ?? 'unknown'}>{names[status] ?? words.health.unknown}</Status>
      </p>
      {reasons.map((reason) => (
        <p key={JSON.stringify(reason)} className={styles.quiet}>
          {reason.message}
        </p>
      ))}
      <dl className={styles.figures}>
        <Figure name={words.health.requests}>
          <Count of={platform.requests} />
        </Figure>
        <Figure name={words.health.errors}>
          <Share of={platform.errorRate} />
        </Figure>
        <Figure name={words.health.p95}>
          <Duration ms={platform.latencyMs.p95} />
        </Figure>
        <Figure name={words.health.lag}>{duration((service.rollupLagSeconds ?? 0) * 1_000)}</Figure>
      </dl>
    </>
  );
}

function MlFigures({ ml: { totals } }: { ml: Ml }): ReactNode {
  const { jobs, successRate, costCents, durationP95Ms } = totals;
  return (
    <dl className={styles.figures}>
      <Figure name={words.ml.jobs}>
        <Count of={jobs.value} /> <Change before={jobs.previous} now={jobs.value} />
      </Figure>
      <Figure name={words.ml.success}>
        <Share of={successRate.value} />
      </Figure>
      <Figure name={words.ml.p95}>
        <Duration ms={durationP95Ms.value} />
      </Figure>
      <Figure name={words.ml.cost}>
        <Money dollars={dollars(costCents.value)} />{' '}
        <Change before={costCents.previous} now={costCents.value} />
      </Figure>
    </dl>
  );
}

/** Revenue in each currency; amounts of different currencies do not add up. */
function BusinessFigures({ business: { orders, customers, byCurrency } }: { business: Business }): ReactNode {
  return (
    <dl className={styles.figures}>
      {byCurrency.map(({ currency, minorUnitDecimals, revenueCents: { value, previous } }) => (
        <Figure key={currency} name={`${words.business.revenue}, ${currency}`}>
          <CurrencyAmount
            amount={value === null ? null : value / 10 ** minorUnitDecimals}
            currency={currency}
          />{' '}
          <Change before={previous} now={value} />
        </Figure>
      ))}
      <Figure name={words.business.orders}>
        <Count of={orders.value} /> <Change before={orders.previous} now={orders.value} />
      </Figure>
      <Figure name={words.business.customers}>
        <Count of={customers.value} />
      </Figure>
    </dl>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }): ReactNode {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function dollars(cents: number | null | undefined): number | null {
  return cents == null ? null : cents / 100;
}
