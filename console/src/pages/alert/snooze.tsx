import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { AlertDetail } from '../../alerting/alert.ts';
import { type Snooze, snoozes, useSnooze } from '../../alerting/snooze.ts';
import { dateAndTime, exactMoment } from '../../numbers/moment.ts';
import { Button } from '../../parts/button.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { Popover } from '../../parts/popover.tsx';
import { keepShared } from '../../shell/keys.ts';
import { words } from '../../words/alerts.ts';
import styles from './alert.module.css';

/** Keeps an alert quiet for a while. What comes after its end is told again. */
export function SnoozeAlert({ alert, timeZone }: { alert: AlertDetail; timeZone: string }): ReactNode {
  const snooze = useSnooze(alert);
  const { snooze: text } = words;
  const endsAt = snooze.data?.endsAt;
  if (endsAt != null) {
    return (
      <p className={styles.snoozed} role="status">
        <time dateTime={endsAt} title={exactMoment(endsAt, timeZone)}>
          {text.until(dateAndTime(endsAt, timeZone))}
        </time>
        <Link to="/silences" search={keepShared}>
          {text.silences}
        </Link>
      </p>
    );
  }
  return (
    <>
      <Popover label={text.open} id="snooze">
        {(close) => (
          <ul className={styles.snoozes}>
            {(Object.keys(snoozes) as Snooze[]).map((length) => (
              <li key={length}>
                <Button
                  kind="quiet"
                  disabled={snooze.isPending}
                  onClick={() => {
                    snooze.mutate(length);
                    close();
                  }}
                >
                  {text.lengths[length]}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </Popover>
      <ActionFailure error={snooze.error} />
    </>
  );
}
