import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { words as general } from '../../words/parts.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ActionFailure } from './action-failure.tsx';
import { Form, FormActions } from './field.tsx';

interface FormDialogProps<Saved> {
  title: string;
  /** The words of the button that saves, and those while it does. */
  action: { save: string; saving: string };
  save: () => Promise<Saved>;
  /** The questions whose answers are other ones afterwards. */
  changes: QueryKey;
  /** Whether the form cannot be sent as it is. */
  isFaulty?: boolean;
  onClose: () => void;
  /** What the dialog shows in its place once it is saved, such as a secret; without it, or with nothing, it closes. */
  afterwards?: (saved: Saved) => ReactNode;
  /** The fields. */
  children: ReactNode;
}

/** A dialog with a form. It closes once the service has taken what was typed, and otherwise says why not. */
export function FormDialog<Saved>(props: FormDialogProps<Saved>): ReactNode {
  const { title, action, save, changes, isFaulty = false, onClose, afterwards = nothing, children } = props;
  const client = useQueryClient();
  const sent = useMutation({
    mutationFn: save,
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: changes });
      if (afterwards(saved) === null) onClose();
    },
  });
  const shown = sent.isSuccess ? afterwards(sent.data) : null;
  if (shown !== null) return shown;
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSubmit={() => sent.mutate()}>
        {children}
        <ActionFailure error={sent.error} />
        <FormActions>
          <Button onClick={onClose}>{general.cancel}</Button>
          <Button type="submit" kind="primary" disabled={sent.isPending || isFaulty}>
            {sent.isPending ? action.saving : action.save}
          </Button>
        </FormActions>
      </Form>
    </Dialog>
  );
}

function nothing(): null {
  return null;
}
