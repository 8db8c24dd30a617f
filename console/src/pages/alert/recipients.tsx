import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { type AlertDetail, recipientText, type Told } from '../../alerting/alert.ts';
import { alertExplanation } from '../../alerting/queries.ts';
import { dateAndTime } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { FailurePanel } from '../../parts/failure-panel.tsx';
import { Panel } from '../../parts/panel.tsx';
import { type Level, Status } from '../../parts/status.tsx';
import { words } from '../../words/alerts.ts';
import { channelText } from '../../words/names.ts';
import styles from './alert.module.css';

interface RecipientsProps {
  id: string;
  answer: UseQueryResult<AlertDetail>;
  timeZone: string;
}

/** Who was told, and why somebody was or was not. */
export function Recipients({ id, answer, timeZone }: RecipientsProps): ReactNode {
  return (
    <Panel title={words.alert.told} answer={answer} height={140}>
      {({ told }) => (
        <>
          {told.length === 0 ? (
            <Empty title={words.alert.toldNobody}>{words.alert.toldNobodyText}</Empty>
          ) : (
            <ul className={styles.told}>
              {told.map((one) => (
                <li key={JSON.stringify(one)}>
                  <span className={styles.recipient}>{recipientText(one.recipient)}</span>
                  <Status level={levels[one.status] ?? 'unknown'}>{one.status}</Status>
                  <span className={styles.quiet}>{detailOf(one, timeZone)}</span>
                </li>
              ))}
            </ul>
          )}
          <Why id={id} />
        </>
      )}
    </Panel>
  );
}

const levels: Record<string, Level> = { sent: 'good', dead: 'critical', waiting: 'info', leased: 'info' };

function detailOf({ channel, kind, sentAt, failure }: Told, timeZone: string): string {
  const when = sentAt === null ? undefined : dateAndTime(sentAt, timeZone);
  return [channelText(channel), kind.replaceAll('_', ' '), when, failure].filter(Boolean).join(', ');
}

/** Asks the service why one person was told, or not. */
function Why({ id }: { id: string }): ReactNode {
  const [typed, setTyped] = useState('');
  const [asked, setAsked] = useState<string>();
  const answer = useQuery({ ...alertExplanation(id, asked), enabled: asked !== undefined });
  const person = asked === undefined ? undefined : answer.data?.person;
  const ask = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() !== '') setAsked(typed.trim());
  };
  return (
    <form className={styles.why} onSubmit={ask}>
      <label>
        {words.alert.why}
        <input
          value={typed}
          placeholder={words.alert.whyHint}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <Button type="submit">{words.alert.whyAsk}</Button>
      <div role="status" className={styles.answer}>
        {person != null && (
          <>
            <p>
              <strong>{person.recipient}</strong> {person.told ? words.alert.wasTold : words.alert.wasNotTold}
            </p>
            <ul>
              {person.because.map((reason) => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          </>
        )}
      </div>
      {answer.error !== null && (
        <FailurePanel
          error={answer.error}
          onRetry={() => void answer.refetch()}
          isRetrying={answer.isFetching}
        />
      )}
    </form>
  );
}
