import { type ReactNode, useState } from 'react';
import { Field } from '../../parts/forms/field.tsx';
import { FormDialog } from '../../parts/forms/form-dialog.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { words } from '../../words/exports.ts';
import styles from './exports.module.css';
import { type Month, reopenMonth } from './queries.ts';

interface ReopenProps {
  org: string;
  month: Month;
  onClose: () => void;
}

/** Asks why a closed month gets a new revision. */
export function Reopen({ org, month, onClose }: ReopenProps): ReactNode {
  const [note, setNote] = useState('');
  const { months: text } = words;
  return (
    <FormDialog
      {...{ title: text.reopenTitle(month.period), changes: ['periods', org], onClose }}
      action={{ save: text.reopen, saving: text.reopen }}
      isFaulty={note.trim() === ''}
      save={() => reopenMonth(org, month, note.trim())}
    >
      <p className={styles.quiet}>{text.reopenText}</p>
      <Field label={text.note2} hint={text.noteHint}>
        {(ids) => <TextInput {...ids} required maxLength={500} value={note} onText={setNote} />}
      </Field>
    </FormDialog>
  );
}
