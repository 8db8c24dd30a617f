import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Confirm } from '../../parts/forms/confirm.tsx';
import { words } from '../../words/silences.ts';
import { endSilence, removeSilence, type Silence } from './queries.ts';

/** A silence that somebody wants to be without. */
export interface Stop {
  silence: Silence;
  how: 'end' | 'remove';
}

/** Asks before a silence is ended or removed. */
export function StopDialog({ stop, onClose }: { stop: Stop; onClose: () => void }): ReactNode {
  const { silence, how } = stop;
  const client = useQueryClient();
  const doIt = useMutation<unknown>({
    mutationFn: () => (how === 'end' ? endSilence(silence) : removeSilence(silence.id)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['silences'] });
      onClose();
    },
  });
  return (
    <Confirm
      title={how === 'end' ? words.endTitle : words.removeTitle}
      text={`${silence.reason.replace(/\.$/, '')}. ${how === 'end' ? words.endText : words.removeText}`}
      action={words[how]}
      isBusy={doIt.isPending}
      error={doIt.error}
      onConfirm={() => doIt.mutate()}
      onClose={onClose}
    />
  );
}
