import type { ReactNode } from 'react';
import type { Step } from '../../alerting/draft.ts';
import { duration } from '../../numbers/duration.ts';
import { Button } from '../../parts/button.tsx';
import { words } from '../../words/rules.ts';
import { type Editing, Field } from './fields.tsx';
import { RecipientRow, replaced } from './recipient-row.tsx';
import styles from './rule.module.css';

const MINUTE = 60;
const times = [1, 5, 10, 15, 30, 60, 120, 240].map((minutes) => minutes * MINUTE);
/** The service takes no more. */
const MOST_STEPS = 5;

/** Who else is told, and when, while nobody acknowledges an alert. */
export function Escalation({ editing: { draft, set, faults } }: { editing: Editing }): ReactNode {
  const steps = draft.escalation ?? [];
  const { escalation: text } = words;
  const last = steps.at(-1)?.afterSeconds ?? 0;
  const next = times.find((time) => time > last) ?? 2 * last;
  return (
    <fieldset className={styles.rows}>
      <legend>{text.title}</legend>
      {steps.map((step, index) => (
        <StepRow
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have no id, and stay in their order.
          key={index}
          {...{ step, number: index + 1 }}
          onChange={(changed) => set({ escalation: replaced(steps, index, changed) })}
          onRemove={() => set({ escalation: replaced(steps, index) })}
        />
      ))}
      <Field {...{ label: text.add, field: 'escalation', faults, isInline: true }}>
        {(own) => (
          <Button
            {...own}
            disabled={steps.length >= MOST_STEPS}
            onClick={() =>
              set({ escalation: [...steps, { afterSeconds: next, channels: [{ channel: 'sms' }] }] })
            }
          >
            {text.add}
          </Button>
        )}
      </Field>
      {steps.length === 0 && <p className={styles.about}>{text.hint}</p>}
    </fieldset>
  );
}

interface StepProps {
  step: Step;
  /** Counted from 1. */
  number: number;
  onChange: (step: Step) => void;
  onRemove: () => void;
}

function StepRow({ step, number, onChange, onRemove }: StepProps): ReactNode {
  const { escalation: text } = words;
  const { afterSeconds, channels } = step;
  const options = times.includes(afterSeconds) ? times : [...times, afterSeconds].sort((a, b) => a - b);
  return (
    <fieldset className={styles.step}>
      <legend className="hidden-text">{text.step(number)}</legend>
      <label className={styles.inline}>
        {text.after}
        <select
          value={afterSeconds}
          onChange={({ target }) => onChange({ ...step, afterSeconds: Number(target.value) })}
        >
          {options.map((time) => (
            <option key={time} value={time}>
              {duration(time * 1_000)}
            </option>
          ))}
        </select>
      </label>
      {channels.map((recipient, index) => (
        <RecipientRow
          // biome-ignore lint/suspicious/noArrayIndexKey: recipients have no id, and stay in their order.
          key={index}
          {...{ recipient, hasTeams: true }}
          onChange={(changed) => onChange({ ...step, channels: replaced(channels, index, changed) })}
          onRemove={() => onChange({ ...step, channels: replaced(channels, index) })}
        />
      ))}
      <Button onClick={() => onChange({ ...step, channels: [...channels, { channel: 'email' }] })}>
        {words.addChannel}
      </Button>
      <Button kind="quiet" onClick={onRemove}>
        {text.remove(number)}
      </Button>
    </fieldset>
  );
}
