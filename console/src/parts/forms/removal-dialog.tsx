import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Confirm } from './confirm.tsx';

interface RemovalDialogProps {
  title: string;
  /** What happens then. */
  text: string;
  /** The verb on the button. */
  action: string;
  remove: () => Promise<unknown>;
  /** The questions whose answers are other ones afterwards. */
  changes: QueryKey;
  onClose: () => void;
}

/** Asks before something is removed, removes it, and closes; if it cannot be removed, it says why. */
export function RemovalDialog(props: RemovalDialogProps): ReactNode {
  const { title, text, action, remove, changes, onClose } = props;
  const client = useQueryClient();
  const removal = useMutation({
    mutationFn: remove,
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: changes });
      onClose();
    },
  });
  return (
    <Confirm
      {...{ title, text, action, onClose, isBusy: removal.isPending, error: removal.error }}
      onConfirm={() => removal.mutate()}
    />
  );
}
