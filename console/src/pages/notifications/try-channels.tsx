import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { meQuery } from '../../api/shared-queries.ts';
import { Button } from '../../parts/button.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Status } from '../../parts/status.tsx';
import { words } from '../../words/notifications.ts';
import { type Channel, channels } from './names.ts';
import styles from './notifications.module.css';
import { addressOf } from './preference-draft.ts';
import { type Preference, preferences, tryChannel } from './queries.ts';

/** Sends a test notice through each channel. */
export function TryChannels({ org }: { org: string }): ReactNode {
  const answer = useQuery(preferences);
  const { data: me } = useQuery(meQuery);
  return (
    <Panel title={words.try.title} note={words.try.note} answer={answer} height={320}>
      {(data) => {
        const own = data.preferences.find(
          ({ orgId, kind, id }) => orgId === org && kind === 'user' && id === me?.id,
        );
        return (
          <ul className={styles.list}>
            {channels.map((channel) => (
              <Try
                key={`${org} ${channel} ${me?.id}`}
                {...{ org, channel, initial: usualRecipient(channel, own, me?.id) }}
              />
            ))}
          </ul>
        );
      }}
    </Panel>
  );
}

/** Where the channel reaches us, as our preference says. */
function usualRecipient(channel: Channel, own: Preference | undefined, me: string | undefined): string {
  if (channel === 'in_app') return me ?? '';
  return own?.[addressOf(channel)] ?? '';
}

function Try({ org, channel, initial }: { org: string; channel: Channel; initial: string }): ReactNode {
  const [to, setTo] = useState(initial);
  const attempt = useMutation({ mutationFn: () => tryChannel(org, channel, to.trim()) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <li>
      <form className={styles.try} onSubmit={submit}>
        <span>{words.channels[channel]}</span>
        <TextInput
          {...{ required: true, value: to, onText: setTo, placeholder: words.try.hints[channel] }}
          aria-label={words.try.to(words.channels[channel])}
        />
        <Button type="submit" disabled={attempt.isPending}>
          {attempt.isPending ? words.try.trying : words.try.action}
        </Button>
        <div role="status" className={styles.outcome}>
          {attempt.isSuccess && <Status level="good">{words.try.done}</Status>}
        </div>
      </form>
      <ActionFailure error={attempt.error} />
    </li>
  );
}
