import { type ReactNode, useState } from 'react';
import { Select } from '../../parts/forms/choice.tsx';
import { Field } from '../../parts/forms/field.tsx';
import { FormDialog } from '../../parts/forms/form-dialog.tsx';
import { OnceDialog } from '../../parts/forms/once-dialog.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { words } from '../../words/notifications.ts';
import { addWebhook, type Webhook } from './queries.ts';

const kinds = ['webhook', 'pagerduty', 'teams', 'discord'] as const satisfies readonly Webhook['kind'][];

/** Asks for a destination, and shows the secret of a webhook once. */
export function NewWebhookDialog({ org, onClose }: { org: string; onClose: () => void }): ReactNode {
  const [draft, setDraft] = useState({ name: '', kind: 'webhook' as Webhook['kind'], url: '', key: '' });
  const set = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }));
  const { webhooks: text } = words;
  const { form } = text;
  return (
    <FormDialog
      {...{ title: text.make, action: form, changes: ['webhooks'], onClose }}
      save={() => addWebhook(org, bodyOf(draft))}
      afterwards={({ secret }) =>
        secret === null ? null : (
          <OnceDialog
            {...{ title: text.secretTitle, warning: text.secretText, label: text.secret, secret }}
            {...{ done: text.done, onClose }}
          />
        )
      }
    >
      <Field label={form.name} hint={form.nameHint}>
        {(ids) => <TextInput {...ids} required value={draft.name} onText={(name) => set({ name })} />}
      </Field>
      <Field label={form.kind}>
        {({ id }) => (
          <Select
            {...{ id, choices: kinds, chosen: draft.kind }}
            textOf={(choice) => words.channels[choice]}
            onChoose={(kind) => set({ kind })}
          />
        )}
      </Field>
      <Field label={form.url} hint={form.urlHints[draft.kind]}>
        {(ids) => (
          <TextInput
            {...{ ...ids, required: draft.kind !== 'pagerduty', type: 'url', value: draft.url }}
            onText={(url) => set({ url })}
          />
        )}
      </Field>
      {draft.kind === 'pagerduty' && (
        <Field label={form.key} hint={form.keyHint}>
          {(ids) => <TextInput {...ids} required value={draft.key} onText={(key) => set({ key })} />}
        </Field>
      )}
    </FormDialog>
  );
}

function bodyOf({ name, kind, url, key }: { name: string; kind: Webhook['kind']; url: string; key: string }) {
  return {
    ...{ name: name.trim(), kind },
    ...(url.trim() !== '' && { url: url.trim() }),
    ...(kind === 'pagerduty' && { routingKey: key.trim() }),
  };
}
