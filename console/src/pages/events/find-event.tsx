import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { useMay } from '../../api/may.ts';
import { Button } from '../../parts/button.tsx';
import { ActionFailure } from '../../parts/forms/action-failure.tsx';
import type { Range } from '../../range/range.ts';
import { words as all } from '../../words/events.ts';
import styles from './events.module.css';
import { findEvent } from './find.ts';
import { Finding } from './finding.tsx';
import type { EventFilters } from './search.ts';

const words = all.find;

interface FindEventProps {
  org: string;
  range: Range;
  timeZone: string;
  filters: EventFilters;
}

/** Validates an event that somebody misses, and looks it up. */
export function FindEvent({ org, range, timeZone, filters }: FindEventProps): ReactNode {
  const [text, setText] = useState('');
  const mayValidate = useMay('events:write');
  const find = useMutation({ mutationFn: (pasted: string) => findEvent(pasted, org, mayValidate) });
  const headingId = useId();
  const hintId = useId();
  return (
    <section className={styles.panel} aria-labelledby={headingId}>
      <h2 id={headingId}>{words.title}</h2>
      <form
        className={styles.find}
        onSubmit={(event) => {
          event.preventDefault();
          find.mutate(text);
        }}
      >
        <p id={hintId} className={styles.quiet}>
          {words.hint}
        </p>
        <textarea
          {...{ 'aria-label': words.label, 'aria-describedby': hintId }}
          rows={3}
          required
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" kind="primary" disabled={find.isPending}>
          {find.isPending ? words.asking : words.ask}
        </Button>
      </form>
      <ActionFailure error={find.error} />
      <div role="status">
        {find.data !== undefined && <Finding {...{ found: find.data, range, timeZone, filters }} />}
      </div>
    </section>
  );
}
