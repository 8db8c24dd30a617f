import type { ReactNode } from 'react';
import { words } from '../../words/parts.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ActionFailure } from './action-failure.tsx';
import { FormActions } from './field.tsx';
import styles from './forms.module.css';

interface ConfirmProps {
  title: string;
  /** What happens then. */
  text: string;
  /** The verb on the button. */
  action: string;
  isBusy: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be undone. */
export function Confirm({ title, text, action, isBusy, error, onConfirm, onClose }: ConfirmProps): ReactNode {
  return (
    <Dialog title={title} onClose={onClose}>
      <p className={styles.text}>{text}</p>
      <ActionFailure error={error} />
      <FormActions>
        <Button onClick={onClose}>{words.cancel}</Button>
        <Button kind="primary" disabled={isBusy} onClick={onConfirm}>
          {action}
        </Button>
      </FormActions>
    </Dialog>
  );
}
