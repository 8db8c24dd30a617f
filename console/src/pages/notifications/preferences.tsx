import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { meQuery } from '../../api/shared-queries.ts';
import { Button } from '../../parts/button.tsx';
import { Empty } from '../../parts/empty.tsx';
import { RemovalDialog } from '../../parts/forms/removal-dialog.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ALL_ORGS } from '../../question/question.ts';
import { words } from '../../words/notifications.ts';
import styles from './notifications.module.css';
import { PreferenceCard } from './preference-card.tsx';
import { PreferenceDialog } from './preference-dialog.tsx';
import { type Draft, draftOf, newDraft } from './preference-draft.ts';
import { type Preference, preferences, removePreference } from './queries.ts';

interface PreferencesProps {
  org: string;
  timeZone: string;
  mayWrite: boolean;
}

/** What is open: the form with what it begins with, or the question before a removal. */
type Open = { draft: Draft; orgId: string; isNew: boolean } | { remove: Preference };

/** Where notices go that their rules send nowhere else: the own preference first. */
export function Preferences({ org, timeZone, mayWrite }: PreferencesProps): ReactNode {
  const { preferences: text } = words;
  const answer = useQuery(preferences);
  const { data: me } = useQuery(meQuery);
  const [open, setOpen] = useState<Open>();
  const isMine = ({ kind, id }: Preference) => kind === 'user' && id === me?.id;
  const shown = (answer.data?.preferences ?? [])
    .filter(({ orgId }) => org === ALL_ORGS || orgId === org)
    .toSorted((one, other) => Number(isMine(other)) - Number(isMine(one)));
  const hasMine = shown.some((one) => isMine(one) && one.orgId === org);
  const add = (kind: Preference['kind'], id: string) =>
    setOpen({ draft: newDraft(kind, id, timeZone), orgId: org, isNew: true });
  const onClose = () => setOpen(undefined);
  const actions = (
    <>
      {me !== undefined && !hasMine && (
        <Button kind="primary" onClick={() => add('user', me.id)}>
          {text.mine}
        </Button>
      )}
      {mayWrite && <Button onClick={() => add('team', '')}>{text.make}</Button>}
    </>
  );
  return (
    <Panel title={text.title} note={text.note} answer={answer} actions={actions} height={240}>
      {() => (
        <>
          {shown.length === 0 && <Empty title={text.none}>{text.noneText}</Empty>}
          <ul className={styles.cards}>
            {shown.map((one) => (
              <PreferenceCard
                key={`${one.orgId} ${one.kind} ${one.id}`}
                {...{ preference: one, isMine: isMine(one), isOrgShown: org === ALL_ORGS }}
                mayChange={mayWrite || isMine(one)}
                onChange={() => setOpen({ draft: draftOf(one, timeZone), orgId: one.orgId, isNew: false })}
                onRemove={() => setOpen({ remove: one })}
              />
            ))}
          </ul>
          {open !== undefined && 'draft' in open && (
            <PreferenceDialog {...open} mayChoose={mayWrite && open.isNew} onClose={onClose} />
          )}
          {open !== undefined && 'remove' in open && (
            <RemoveDialog preference={open.remove} onClose={onClose} />
          )}
        </>
      )}
    </Panel>
  );
}

function RemoveDialog({ preference, onClose }: { preference: Preference; onClose: () => void }): ReactNode {
  const { preferences: text } = words;
  return (
    <RemovalDialog
      {...{ title: text.removeTitle(preference.id), text: text.removeText, action: text.remove, onClose }}
      {...{ remove: () => removePreference(preference), changes: preferences.queryKey }}
    />
  );
}
