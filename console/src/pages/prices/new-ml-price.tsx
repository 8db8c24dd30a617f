import { type ReactNode, useState } from 'react';
import { Field } from '../../parts/forms/field.tsx';
import { FormDialog } from '../../parts/forms/form-dialog.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { useNow } from '../../question/now.ts';
import { words } from '../../words/settings/prices.ts';
import { mlPrices, putMlPrice } from './queries.ts';

const texts = ['provider', 'pipeline', 'operation'] as const;
const amounts = ['job', 'second', 'input', 'output'] as const;
type Name = (typeof texts)[number] | (typeof amounts)[number] | 'from';

/** Asks what jobs of a provider cost. */
export function NewMlPriceDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { now } = useNow();
  const [draft, setDraft] = useState<Record<Name, string>>(() => ({
    ...{ provider: '', pipeline: '', operation: '', job: '', second: '', input: '', output: '' },
    from: new Date(now).toISOString().slice(0, 10),
  }));
  const onText = (name: Name) => (text: string) => setDraft({ ...draft, [name]: text });
  const { form } = words.ml;
  return (
    <FormDialog
      {...{ title: form.title, action: words.form, changes: mlPrices.queryKey, onClose }}
      save={() => putMlPrice(priceOf(draft))}
    >
      {texts.map((name) => (
        <Field key={name} label={form[name]} hint={name === 'provider' ? undefined : form.optional}>
          {(ids) => (
            <TextInput
              {...{ ...ids, required: name === 'provider', value: draft[name] }}
              onText={onText(name)}
            />
          )}
        </Field>
      ))}
      {amounts.map((name) => (
        <Field key={name} label={form[name]}>
          {(ids) => (
            <TextInput
              {...{ ...ids, type: 'number', min: 0, step: 'any', value: draft[name] }}
              onText={onText(name)}
            />
          )}
        </Field>
      ))}
      <Field label={words.form.from} hint={words.form.toHint}>
        {(ids) => (
          <TextInput
            {...{ ...ids, type: 'date', required: true, value: draft.from }}
            onText={onText('from')}
          />
        )}
      </Field>
    </FormDialog>
  );
}

/** The price as the API takes it: dollars become cents. */
function priceOf(draft: Record<Name, string>) {
  const cents = (dollars: string) =>
    dollars === '' ? null : Number((Number(dollars) * 100).toPrecision(12));
  return {
    ...{ provider: draft.provider.trim(), effectiveFrom: `${draft.from}T00:00:00Z` },
    ...{ pipeline: draft.pipeline.trim() || null, operation: draft.operation.trim() || null },
    ...{ centsPerJob: cents(draft.job), centsPerSecond: cents(draft.second) },
    ...{ centsPerMillionInputTokens: cents(draft.input), centsPerMillionOutputTokens: cents(draft.output) },
  };
}
