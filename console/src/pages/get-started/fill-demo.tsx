import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useMay } from '../../api/may.ts';
import { exactCount } from '../../numbers/count.ts';
import { Button } from '../../parts/button.tsx';
import { Confirm } from '../../parts/forms/confirm.tsx';
import { words } from '../../words/get-started.ts';
import { DEMO_CALLS } from './demo-calls.ts';
import { sendDemo } from './queries.ts';

/** Fills an org that has no event with made-up calls, for those who want to see the console before they send. */
export function FillDemo({ org }: { org: string }): ReactNode {
  const maySend = useMay('events:write');
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const fill = useMutation({
    mutationFn: () => sendDemo(org),
    onSuccess: async () => {
      setAsking(false);
      await client.invalidateQueries();
    },
  });
  if (!maySend) return null;
  const { demo: text } = words;
  return (
    <>
      <Button onClick={() => setAsking(true)}>{text.open}</Button>
      {isAsking && (
        <Confirm
          {...{ title: text.title, text: text.text(exactCount(DEMO_CALLS), org) }}
          action={fill.isPending ? text.filling : text.fill}
          {...{ isBusy: fill.isPending, error: fill.error }}
          onConfirm={() => fill.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
