import type { ReactNode } from 'react';
import { RemovalDialog } from '../../parts/forms/removal-dialog.tsx';
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
  const title = how === 'end' ? words.endTitle : words.removeTitle;
  const text = how === 'end' ? words.endText : words.removeText;
  return (
    <RemovalDialog
      {...{ title, text: `${silence.reason.replace(/\.$/, '')}. ${text}`, action: words[how] }}
      {...{ changes: ['silences'], onClose }}
      remove={() => (how === 'end' ? endSilence(silence) : removeSilence(silence.id))}
    />
  );
}
