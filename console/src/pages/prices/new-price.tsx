import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { Field, Form, FormActions } from '../../parts/forms/field.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { useNow } from '../../question/now.ts';
import { words as general } from '../../words/parts.ts';
import { words } from '../../words/settings/prices.ts';
import { draftFor, type PriceDraft, priceOf } from './draft.ts';
import type { PriceFor } from './price-for.ts';
import { modelPrices, putPrice } from './queries.ts';

const amounts = ['input', 'output', 'cached', 'call'] as const;
const texts = ['model', 'provider'] as const;

/** Asks for a price. */
export function NewPriceDialog({ of, onClose }: { of: PriceFor; onClose: () => void }): ReactNode {
  const { now } = useNow();
  const [draft, setDraft] = useState(draftFor(of, now));
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => putPrice(priceOf(draft)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: modelPrices.queryKey });
      onClose();
    },
  });
  const { form } = words;
  return (
    <Dialog title={form.title} onClose={onClose}>
      <Form onSubmit={() => save.mutate()}>
        <PriceFields draft={draft} onChange={(part) => setDraft({ ...draft, ...part })} />
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

interface PriceFieldsProps {
  draft: PriceDraft;
  onChange: (part: Partial<PriceDraft>) => void;
}

function PriceFields({ draft, onChange }: PriceFieldsProps): ReactNode {
  const { form } = words;
  return (
    <>
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
        <Field key={name} label={form[name]} hint={name === 'call' ? form.optional : undefined}>
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
    </>
  );
}
