import { type ReactNode, useState } from 'react';
import { Field } from '../../parts/forms/field.tsx';
import { FormDialog } from '../../parts/forms/form-dialog.tsx';
import { TextInput } from '../../parts/forms/text-input.tsx';
import { words } from '../../words/silences.ts';
import { type Draft, draftOf, labelsOf, newDraft, silenceOf } from './draft.ts';
import { MatchingFields } from './matching-fields.tsx';
import { addSilence, changeSilence, type Silence } from './queries.ts';
import styles from './silences.module.css';
import { TimeFields } from './time-fields.tsx';

const LONGEST_REASON = 500;

interface SilenceFormProps {
  org: string;
  timeZone: string;
  /** Fill the form. */
  rules: readonly string[];
  labels: readonly string[];
  /** The silence that is changed; none, if it is a new one. */
  silence?: Silence | undefined;
  onClose: () => void;
}

/** Asks for a silence or a maintenance window, or changes one. */
export function SilenceForm({ org, timeZone, rules, labels, silence, onClose }: SilenceFormProps): ReactNode {
  const [draft, setDraft] = useState<Draft>(() =>
    silence === undefined ? newDraft(timeZone, rules, labels) : draftOf(silence, timeZone),
  );
  const set = (change: Partial<Draft>) => setDraft((before) => ({ ...before, ...change }));
  const save = () => {
    const asked = silenceOf(draft, org, Date.now());
    return silence === undefined ? addSilence(asked) : changeSilence(silence, asked);
  };
  const fault = faultOf(draft);
  const { form } = words;
  const isNew = silence === undefined;
  return (
    <FormDialog
      title={isNew ? form.title : form.changeTitle}
      action={{ save: isNew ? form.save : form.change, saving: form.saving }}
      {...{ save, changes: ['silences'], isFaulty: fault !== undefined, onClose }}
    >
      <Field label={form.reason} hint={form.reasonHint}>
        {(ids) => (
          <TextInput
            {...{ ...ids, required: true, maxLength: LONGEST_REASON, value: draft.reason }}
            onText={(reason) => set({ reason })}
          />
        )}
      </Field>
      <MatchingFields {...{ org, draft, set }} />
      <TimeFields draft={draft} set={set} />
      {fault !== undefined && (
        <p role="alert" className={styles.fault}>
          {fault}
        </p>
      )}
    </FormDialog>
  );
}

/** What the browser's own fields do not find. */
function faultOf({ labels, kind, days }: Draft): string | undefined {
  const { wrong } = labelsOf(labels);
  if (wrong !== undefined) return words.form.labelFault(wrong);
  return kind === 'window' && days.length === 0 ? words.form.needDay : undefined;
}
