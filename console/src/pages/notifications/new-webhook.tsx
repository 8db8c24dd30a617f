import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { Select } from '../../parts/forms/choice.tsx';
import { CodeBlock } from '../../parts/forms/code-block.tsx';
import { Field, Form, FormActions } from '../../parts/forms/field.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { Status } from '../../parts/status.tsx';
import { words } from '../../words/notifications.ts';
import { words as general } from '../../words/parts.ts';
import { addWebhook, type Webhook } from './queries.ts';

const kinds = ['webhook', 'pagerduty', 'teams', 'discord'] as const satisfies readonly Webhook['kind'][];

/** Asks for a destination, and shows the secret of a webhook once. */
export function NewWebhookDialog({ org, onClose }: { org: string; onClose: () => void }): ReactNode {
  const [draft, setDraft] = useState({ name: '', kind: 'webhook' as Webhook['kind'], url: '', key: '' });
  const set = (change: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...change }));
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => addWebhook(org, bodyOf(draft)),
    onSuccess: async ({ secret }) => {
      await client.invalidateQueries({ queryKey: ['webhooks'] });
      if (secret === null) onClose();
    },
  });
  const { form, make } = words.webhooks;
  if (add.data != null && add.data.secret !== null) {
    return <Once secret={add.data.secret} onClose={onClose} />;
  }
  return (
    <Dialog title={make} onClose={onClose}>
      <Form onSubmit={() => add.mutate()}>
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
        <ActionFailure error={add.error} />
        <FormActions>
          <Button onClick={onClose}>{general.cancel}</Button>
          <Button type="submit" kind="primary" disabled={add.isPending}>
            {add.isPending ? form.saving : form.save}
          </Button>
        </FormActions>
      </Form>
    </Dialog>
  );
}

function bodyOf({ name, kind, url, key }: { name: string; kind: Webhook['kind']; url: string; key: string }) {
  return {
    ...{ name: name.trim(), kind },
    ...(url.trim() !== '' && { url: url.trim() }),
    ...(kind === 'pagerduty' && { routingKey: key.trim() }),
  };
}

/** The secret, as it is shown only now. */
function Once({ secret, onClose }: { secret: string; onClose: () => void }): ReactNode {
  const { webhooks: text } = words;
  return (
    <Dialog title={text.secretTitle} onClose={onClose}>
      <p>
        <Status level="warning">{text.secretText}</Status>
      </p>
      <CodeBlock label={text.secret} text={secret} />
      <FormActions>
        <Button kind="primary" onClick={onClose}>
          {text.done}
        </Button>
      </FormActions>
    </Dialog>
  );
}
