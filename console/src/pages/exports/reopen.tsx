import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Button } from '../../parts/button.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import { Field, Form, FormActions } from '../../parts/forms/field.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { words } from '../../words/exports.ts';
import { words as general } from '../../words/parts.ts';
import styles from './exports.module.css';
import { type Month, reopenMonth } from './queries.ts';

/** Asks why a closed month gets a new revision. */
export function Reopen({
  org,
  month,
  onClose,
}: {
  org: string;
  month: Month;
  onClose: () => void;
}): ReactNode {
  const [note, setNote] = useState('');
  const client = useQueryClient();
  const reopen = useMutation({
    mutationFn: () => reopenMonth(org, month, note.trim()),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['periods', org] });
      onClose();
    },
  });
  return (
    <Dialog title={words.months.reopenTitle(month.period)} onClose={onClose}>
      <Form onSubmit={() => reopen.mutate()}>
        <p className={styles.quiet}>{words.months.reopenText}</p>
        <Field label={words.months.note2} hint={words.months.noteHint}>
          {(ids) => <TextInput {...ids} required maxLength={500} value={note} onText={setNote} />}
        </Field>
        <ActionFailure error={reopen.error} />
        <FormActions>
          <Button onClick={onClose}>{general.cancel}</Button>
          <Button type="submit" kind="primary" disabled={reopen.isPending || note.trim() === ''}>
            {words.months.reopen}
          </Button>
        </FormActions>
      </Form>
    </Dialog>
  );
}
