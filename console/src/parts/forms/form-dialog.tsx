import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { words as general } from '../../words/parts.ts';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { ActionFailure } from './action-failure.tsx';
import { Form, FormActions } from './field.tsx';

interface FormDialogProps {
  title: string;
  /** The words of the button that saves, and those while it does. */
  action: { save: string; saving: string };
  save: () => Promise<unknown>;
  /** The questions whose answers are other ones afterwards. */
  changes: QueryKey;
  /** Whether the form cannot be sent as it is. */
  isFaulty?: boolean;
  onClose: () => void;
  /** The fields. */
  children: ReactNode;
}

/** A dialog with a form. It closes once the service has taken what was typed, and otherwise says why not. */
export function FormDialog(props: FormDialogProps): ReactNode {
  const { title, action, save, changes, isFaulty = false, onClose, children } = props;
  const client = useQueryClient();
  const sent = useMutation({
    mutationFn: save,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: changes });
      onClose();
    },
  });
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
