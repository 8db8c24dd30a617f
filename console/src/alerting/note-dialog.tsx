import { type FormEvent, type ReactNode, useState } from 'react';
import { Button } from '../parts/button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { words } from '../words/alerts.ts';
import styles from './alerting.module.css';

/** The service takes notes of this length. */
const MOST_LETTERS = 1_000;

interface NoteDialogProps {
  action: 'acknowledge' | 'resolve';
  count: number;
  onDone: (note: string) => void;
  onClose: () => void;
}

/** Asks for the note of an action on alerts. */
export function NoteDialog({ action, count, onDone, onClose }: NoteDialogProps): ReactNode {
  const [note, setNote] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onDone(note);
  };
  return (
    <Dialog title={words.ask[action](count)} onClose={onClose}>
      <form className={styles.form} onSubmit={submit}>
        <label>
          {words.note}
          <textarea
            rows={3}
            maxLength={MOST_LETTERS}
            value={note}
            placeholder={words.noteHint}
            onChange={(event) => setNote(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit(event);
            }}
          />
        </label>
        <div className={styles.buttons}>
          <Button type="submit" kind="primary">
            {words.actions[action]}
          </Button>
          <Button kind="quiet" onClick={onClose}>
            {words.cancel}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
