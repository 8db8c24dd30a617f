import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Empty } from '../../parts/empty.tsx';
import { Change } from '../../parts/figures/change.tsx';
import { Money } from '../../parts/figures/value.tsx';
import { Panel } from '../../parts/panel.tsx';
import { useModelColours } from '../../question/models.ts';
import type { Question } from '../../question/question.ts';
import { usageBefore, usageByGroup } from '../../usage/queries.ts';
import { dollarsOf, type UsageAnswer } from '../../usage/usage.ts';
import { words } from '../../words/overview.ts';
import styles from './overview.module.css';

const MOST_SHOWN = 5;

/** The models whose spend changed most, in dollars. */
export function LargestChanges({ question }: { question: Question }): ReactNode {
  const answer = useQuery(usageByGroup(question, {}, 'model'));
  const before = useQuery(usageBefore(question, {}, 'model'));
  const colourOf = useModelColours(question.org);
  return (
    <Panel title={words.unusual.title} note={words.unusual.note} answer={answer} height={180}>
      {(data) => {
        const changes = before.data === undefined ? [] : changesOf(data, before.data).slice(0, MOST_SHOWN);
        if (changes.length === 0) return <Empty title={words.unusual.none}>{words.unusual.noneText}</Empty>;
        return (
          <table className={styles.changes}>
            <caption className="hidden-text">{words.unusual.title}</caption>
            <thead>
              <tr>
                {Object.values(words.unusual.columns).map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {changes.map(({ model, now, before }) => (
                <tr key={model}>
                  <th scope="row" className={styles.name}>
                    <span className={styles.swatch} style={{ background: colourOf(model) }} />
                    {model}
                  </th>
                  <td className={styles.quiet}>
                    <Money dollars={before} />
                  </td>
                  <td>
                    <Money dollars={now} />
                  </td>
                  <td>{before === 0 ? words.unusual.new : <Change before={before} now={now} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        );
      }}
    </Panel>
  );
}

function changesOf(
  data: UsageAnswer,
  earlier: UsageAnswer,
): { model: string; now: number; before: number }[] {
  const spends = (answer: UsageAnswer) =>
    new Map(
      answer.series.flatMap((point) =>
        point.modelId == null ? [] : [[point.modelId, dollarsOf(point)] as const],
      ),
    );
  const [now, before] = [spends(data), spends(earlier)];
  return [...new Set([...now.keys(), ...before.keys()])]
    .map((model) => ({ model, now: now.get(model) ?? 0, before: before.get(model) ?? 0 }))
    .filter((change) => change.now !== change.before)
    .sort((one, other) => Math.abs(other.now - other.before) - Math.abs(one.now - one.before));
}
