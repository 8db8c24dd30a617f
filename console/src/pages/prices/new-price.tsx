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
import type { PriceFor } from './prices-page.tsx';
import { modelPrices, putPrice } from './queries.ts';

const amounts = ['input', 'output', 'cached', 'call'] as const;
const texts = ['model', 'provider'] as const;

/** Asks for a price. */
export function NewPriceDialog({ of, onClose }: { of: PriceFor; onClose: () => void }): ReactNode {
  const { now } = useNow();
  const [draft, setDraft] = useState({
    ...{ ...of, tier: '', to: '', input: '', output: '', cached: '', call: '' },
    from: new Date(now).toISOString().slice(0, 10),
  });
  const change = (part: Partial<typeof draft>) => setDraft({ ...draft, ...part });
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () =>
      putPrice({
        ...{ model: draft.model.trim(), provider: draft.provider.trim() },
        serviceTier: draft.tier.trim() || null,
        effectiveFrom: `${draft.from}T00:00:00Z`,
        effectiveTo: draft.to === '' ? null : `${draft.to}T00:00:00Z`,
        usdPerMillionInputTokens: numberOf(draft.input),
        usdPerMillionOutputTokens: numberOf(draft.output),
        usdPerMillionCacheReadTokens: numberOf(draft.cached),
        usdPerCall: numberOf(draft.call),
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: modelPrices.queryKey });
      onClose();
    },
  });
  const { form } = words;
  return (
    <Dialog title={form.title} onClose={onClose}>
      <Form onSubmit={() => save.mutate()}>
        {texts.map((name) => (
          <Field key={name} label={form[name]}>
            {(ids) => (
              <TextInput {...ids} required value={draft[name]} onText={(text) => change({ [name]: text })} />
            )}
          </Field>
        ))}
        <Field label={form.tier} hint={form.tierHint}>
          {(ids) => <TextInput {...ids} value={draft.tier} onText={(tier) => change({ tier })} />}
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
                onText={(text) => change({ [name]: text })}
              />
            )}
          </Field>
        ))}
        <Field label={form.from}>
          {(ids) => (
            <TextInput {...ids} type="date" required value={draft.from} onText={(from) => change({ from })} />
          )}
        </Field>
        <Field label={form.to} hint={form.toHint}>
          {(ids) => <TextInput {...ids} type="date" value={draft.to} onText={(to) => change({ to })} />}
        </Field>
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

function numberOf(text: string): number | null {
  return text === '' ? null : Number(text);
}
