import { type ReactNode, useState } from 'react';
import { Field } from '../../parts/forms/field.tsx';
import { FormDialog } from '../../parts/forms/form-dialog.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { useNow } from '../../question/now.ts';
import { words } from '../../words/settings/prices.ts';
import { amounts, draftFor, type PriceDraft, priceOf } from './draft.ts';
import { PriceEffect } from './price-effect.tsx';
import type { PriceFor } from './price-for.ts';
import styles from './prices.module.css';
import { modelPrices, putPrice } from './queries.ts';

const texts = ['model', 'provider'] as const;

/** Asks for a price. */
export function NewPriceDialog({ of, onClose }: { of: PriceFor; onClose: () => void }): ReactNode {
  const { now } = useNow();
  const [draft, setDraft] = useState(draftFor(of, now));
  const { form } = words;
  return (
    <FormDialog
      {...{ title: form.title, action: form, changes: modelPrices.queryKey, onClose }}
      save={() => putPrice(priceOf(draft))}
    >
      <PriceFields draft={draft} onChange={(part) => setDraft({ ...draft, ...part })} />
      <PriceEffect price={priceOf(draft)} now={now} />
    </FormDialog>
  );
}

interface PriceFieldsProps {
  draft: PriceDraft;
  onChange: (part: Partial<PriceDraft>) => void;
}

function PriceFields({ draft, onChange }: PriceFieldsProps): ReactNode {
  const { form } = words;
  return (
    <div className={styles.fields}>
      {texts.map((name) => (
        <Field key={name} label={form[name]}>
          {(ids) => (
            <TextInput {...ids} required value={draft[name]} onText={(text) => onChange({ [name]: text })} />
          )}
        </Field>
      ))}
      <Field label={form.tier} hint={form.tierHint}>
        {(ids) => <TextInput {...ids} value={draft.tier} onText={(tier) => onChange({ tier })} />}
      </Field>
      {amounts.map((name) => (
        <Field key={name} label={form[name]} hint={name === 'image' ? form.optional : undefined}>
          {(ids) => (
            <TextInput
              {...ids}
              type="number"
              min={0}
              step="any"
              value={draft[name]}
              onText={(text) => onChange({ [name]: text })}
            />
          )}
        </Field>
      ))}
      <Field label={form.from}>
        {(ids) => (
          <TextInput {...ids} type="date" required value={draft.from} onText={(from) => onChange({ from })} />
        )}
      </Field>
      <Field label={form.to} hint={form.toHint}>
        {(ids) => <TextInput {...ids} type="date" value={draft.to} onText={(to) => onChange({ to })} />}
      </Field>
    </div>
  );
}
