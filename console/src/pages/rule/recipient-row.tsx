import type { ReactNode } from 'react';
import type { StepChannel } from '../../alerting/draft.ts';
import { Button } from '../../parts/button.tsx';
import { channelNames } from '../../words/names.ts';
import { words } from '../../words/rules.ts';
import styles from './rule.module.css';

const channels = ['in_app', 'email', 'slack', 'sms', 'webhook', 'pagerduty', 'teams', 'discord'] as const;

interface RowProps {
  recipient: StepChannel;
  /** Whether a team can be told. */
  hasTeams?: boolean;
  onChange: (recipient: StepChannel) => void;
  onRemove: () => void;
}

/** A channel with its recipient. Without one, the notification preferences decide. */
export function RecipientRow({ recipient, hasTeams = false, onChange, onRemove }: RowProps): ReactNode {
  const { channel, to, team } = recipient;
  const isTeam = team !== undefined;
  const name = isTeam ? team : (to ?? '');
  const named = (text: string): StepChannel =>
    isTeam ? { channel, team: text } : { channel, ...(text !== '' && { to: text }) };
  return (
    <span className={styles.inline}>
      <select
        aria-label={words.fields.channel}
        value={channel}
        onChange={({ target }) => onChange({ ...recipient, channel: target.value as StepChannel['channel'] })}
      >
        {channels.map((one) => (
          <option key={one} value={one}>
            {channelNames[one]}
          </option>
        ))}
      </select>
      {hasTeams && (
        <select
          aria-label={words.fields.toWhom}
          value={isTeam ? 'team' : 'to'}
          onChange={({ target }) =>
            onChange(
              target.value === 'team'
                ? { channel, team: name }
                : { channel, ...(name !== '' && { to: name }) },
            )
          }
        >
          <option value="to">{words.toAddress}</option>
          <option value="team">{words.toTeam}</option>
        </select>
      )}
      <input
        aria-label={isTeam ? words.fields.team : words.fields.to}
        placeholder={isTeam ? words.fields.team : words.byPreference}
        value={name}
        onChange={({ target }) => onChange(named(target.value))}
      />
      <Button kind="quiet" aria-label={words.remove(`${channel} ${name}`)} onClick={onRemove}>
        ×
      </Button>
    </span>
  );
}

/** The list with one item changed, or without it. */
export function replaced<Item>(list: readonly Item[], index: number, by?: Item): Item[] {
  return list.flatMap((one, place) => (place !== index ? [one] : by === undefined ? [] : [by]));
}
