import { type ReactNode, useState } from 'react';
import { Field } from '../../parts/forms/field.tsx';
import { FormDialog } from '../../parts/forms/form-dialog.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { words } from '../../words/settings/prices.ts';
import { modelPrices, putAlias } from './queries.ts';

const fields = ['provider', 'model', 'asProvider', 'asModel'] as const;
const required: readonly string[] = ['provider', 'asProvider'];

/** Asks which calls go by the prices of which others. */
export function NewAliasDialog({ onClose }: { onClose: () => void }): ReactNode {
  const [draft, setDraft] = useState({ provider: '', model: '', asProvider: '', asModel: '' });
  const { form } = words.aliases;
  const save = () =>
    putAlias({
      ...{ provider: draft.provider.trim(), asProvider: draft.asProvider.trim() },
      ...{ model: draft.model.trim() || null, asModel: draft.asModel.trim() || null },
    });
  return (
    <FormDialog title={form.title} action={form} save={save} changes={modelPrices.queryKey} onClose={onClose}>
      {fields.map((name) => (
        <Field key={name} label={form[name]} hint={required.includes(name) ? undefined : form.optional}>
          {(ids) => (
            <TextInput
              {...{ ...ids, required: required.includes(name), value: draft[name] }}
              onText={(text) => setDraft({ ...draft, [name]: text })}
            />
          )}
        </Field>
      ))}
    </FormDialog>
  );
}
