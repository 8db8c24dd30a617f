import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { Select, Ticks } from '../../parts/forms/choice.tsx';
import { Field, Form, FormActions } from '../../parts/forms/field.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { words } from '../../words/notifications.ts';
import { words as general } from '../../words/parts.ts';
import { severities } from './names.ts';
import styles from './notifications.module.css';
import {
  type Address,
  addresses,
  type Draft,
  type Editing,
  preferenceOf,
  reachable,
} from './preference-draft.ts';
import { preferences, putPreference } from './queries.ts';
import { QuietFields } from './quiet-fields.tsx';

interface DialogProps {
  draft: Draft;
  orgId: string;
  /** Whether it may be for somebody else. */
  mayChoose: boolean;
  onClose: () => void;
}

/** Asks where somebody is told, and when not. */
export function PreferenceDialog({ draft: first, orgId, mayChoose, onClose }: DialogProps): ReactNode {
  const [draft, setDraft] = useState(first);
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => putPreference({ orgId, kind: draft.kind, id: draft.id.trim() }, preferenceOf(draft)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: preferences.queryKey });
      onClose();
    },
  });
  const { form } = words.preferences;
  const editing = { draft, set };
  return (
    <Dialog title={mayChoose ? form.title : `${form.title}: ${draft.id}`} onClose={onClose}>
      <Form onSubmit={() => save.mutate()}>
        {mayChoose && <OwnerFields {...editing} />}
        <AddressFields {...editing} />
        <ChannelTicks {...editing} />
        <QuietFields {...editing} />
        <ActionFailure error={save.error} />
        <FormActions>
          <Button onClick={onClose}>{general.cancel}</Button>
          <Button type="submit" kind="primary" disabled={save.isPending}>
            {save.isPending ? form.saving : form.save}
          </Button>
        </FormActions>
      </Form>
    </Dialog>
  );
}

function OwnerFields({ draft, set }: Editing): ReactNode {
  const { form } = words.preferences;
  return (
    <div className={styles.pair}>
      <Field label={form.kind}>
        {({ id }) => (
          <Select
            {...{ id, choices: ['team', 'user'], chosen: draft.kind }}
            textOf={(choice) => form.kinds[choice]}
            onChoose={(kind) => set({ kind })}
          />
        )}
      </Field>
      <Field label={form.id}>
        {(ids) => <TextInput {...ids} required value={draft.id} onText={(id) => set({ id })} />}
      </Field>
    </div>
  );
}

const usual: readonly Address[] = ['email', 'phone', 'slack'];
const types: Partial<Record<Address, string>> = { email: 'email', phone: 'tel' };

function AddressFields({ draft, set }: Editing): ReactNode {
  const { form } = words.preferences;
  const others = addresses.filter((name) => !usual.includes(name));
  const fieldOf = (name: Address) => (
    <Field
      key={name}
      label={form.addresses[name]}
      hint={name === 'phone' ? form.hints.phone : name === 'email' ? undefined : form.hints.destination}
    >
      {(ids) => (
        <TextInput
          {...{ ...ids, type: types[name] ?? 'text', value: draft[name] }}
          onText={(text) => set({ [name]: text })}
        />
      )}
    </Field>
  );
  return (
    <>
      {usual.map(fieldOf)}
      <details open={others.some((name) => draft[name] !== '')} className={styles.more}>
        <summary>{form.more}</summary>
        {others.map(fieldOf)}
      </details>
    </>
  );
}

/** Which channels a severity goes to, of those that have an address. */
function ChannelTicks({ draft, set }: Editing): ReactNode {
  const { form } = words.preferences;
  const known = reachable(draft);
  if (known.length === 0) return <p className={styles.quiet}>{form.noChannels}</p>;
  return severities.map((severity) => (
    <Ticks
      key={severity}
      {...{ label: form.channels(words.severities[severity]), choices: known }}
      chosen={draft.channels[severity].filter((channel) => known.includes(channel))}
      textOf={(channel) => words.channels[channel]}
      onChange={(chosen) => set({ channels: { ...draft.channels, [severity]: chosen } })}
    />
  ));
}
