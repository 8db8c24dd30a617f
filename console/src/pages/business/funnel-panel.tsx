import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { exactCount } from '../../numbers/count.ts';
import { percent } from '../../numbers/percent.ts';
import { Empty } from '../../parts/empty.tsx';
import { Change } from '../../parts/figures/change.tsx';
import { Count } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { Question } from '../../question/question.ts';
import { words } from '../../words/business.ts';
import styles from './business.module.css';
import { funnel } from './queries.ts';
import type { Comparison } from './search.ts';
import { type Step, stepsOf } from './steps.ts';

interface FunnelPanelProps {
  question: Question;
  compare: Comparison;
}

/** From a visit to an order. Widths and words tell the losses, not colours. */
export function FunnelPanel({ question, compare }: FunnelPanelProps): ReactNode {
  const answer = useQuery(funnel(question, compare));
  const text = words.funnel;
  const note = answer.data && (answer.data.basis === 'sessions' ? text.sessions : text.events);
  return (
    <Panel title={text.title} note={note} answer={answer} height={280}>
      {(data) => {
        const steps = stepsOf(data);
        if ((steps[0]?.count.value ?? 0) === 0) return <Empty title={text.none}>{text.noneText}</Empty>;
        return (
          <ol className={styles.funnel}>
            {steps.map((step) => (
              <FunnelStep key={step.stage} step={step} />
            ))}
          </ol>
        );
      }}
    </Panel>
  );
}

function FunnelStep({ step: { stage, count, reached, lost, lostShare } }: { step: Step }): ReactNode {
  const text = words.funnel;
  return (
    <li>
      {lost !== null && (
        <p className={styles.lost}>
          <span aria-hidden="true">↓</span> {text.drop(exactCount(lost), percent(lostShare))}
        </p>
      )}
      <div className={styles.step}>
        <strong>{text.stages[stage]}</strong>
        <span className={styles.count}>
          <Count of={count.value} />
        </span>
        <span className={styles.quiet}>{text.reached(percent(reached))}</span>
        <Change
          {...{ before: count.previous, now: count.value, more: 'good' }}
          title={words.before(exactCount(count.previous))}
        />
      </div>
      <div className={styles.bar}>
        <span style={{ inlineSize: `${(reached ?? 0) * 100}%` }} />
      </div>
    </li>
  );
}
