import type { ReactNode } from 'react';
import { Severity } from '../../alerting/severity.tsx';
import { Button } from '../../parts/button.tsx';
import { ALL_ORGS } from '../../question/question.ts';
import { words } from '../../words/notifications.ts';
import { severities } from './names.ts';
import styles from './notifications.module.css';
import { addressOf } from './preference-draft.ts';
import type { Preference } from './queries.ts';
import { QuietBar } from './quiet-bar.tsx';

interface CardProps {
  preference: Preference;
  isMine: boolean;
  isOrgShown: boolean;
  mayChange: boolean;
  onChange: () => void;
  onRemove: () => void;
}

/** What one person or team is sent, where, and when not. */
export function PreferenceCard(props: CardProps): ReactNode {
  const { preference, isMine, isOrgShown, mayChange, onChange, onRemove } = props;
  const { orgId, kind, id, quietHours } = preference;
  const { preferences: text } = words;
  return (
    <li className={styles.card}>
      <header className={styles.cardHead}>
        <h3>{id}</h3>
        <span className={styles.quiet}>
          {isMine ? text.you : text.kinds[kind]}
          {isOrgShown && `, ${orgId === ALL_ORGS ? words.allOrgs : orgId}`}
        </span>
        {mayChange && (
          <span className={styles.cardActions}>
            <Button onClick={onChange}>{text.edit}</Button>
            <Button kind="quiet" onClick={onRemove}>
              {text.remove}
            </Button>
          </span>
        )}
      </header>
      <dl className={styles.routes}>
        {severities.map((severity) => (
          <div key={severity}>
            <dt>
              <Severity of={severity} />
            </dt>
            <dd>{routesOf(preference, severity) || <span className={styles.quiet}>{text.nothing}</span>}</dd>
          </div>
        ))}
      </dl>
      {quietHours === null ? (
        <p className={styles.quiet}>{text.noQuiet}</p>
      ) : (
        <QuietBar from={quietHours.from} to={quietHours.to} timeZone={quietHours.timezone} />
      )}
    </li>
  );
}

/** The channels of a severity with their addresses. */
function routesOf(preference: Preference, severity: keyof Preference['channels']): string {
  return preference.channels[severity]
    .map((channel) => [words.channels[channel], preference[addressOf(channel)]].filter(Boolean).join(' '))
    .join(', ');
}
