import { type ReactNode, useId } from 'react';
import { type Draft, type Fault, faultsOf } from '../../alerting/draft.ts';
import { duration } from '../../numbers/duration.ts';
import styles from './rule.module.css';

/** What every field of the editor needs. */
export interface Editing {
  draft: Draft;
  /** Changes fields; an undefined one takes its default. */
  set: (change: { [Name in keyof Draft]?: Draft[Name] | undefined }) => void;
  faults: readonly Fault[];
  /** The name was left: from now on its field says that it is missing. */
  leaveName: () => void;
}

interface FieldProps {
  label: string;
  field: string;
  faults: readonly Fault[];
  /** Whether the label is only for screen readers, as within the sentence. */
  isInline?: boolean;
  children: (props: {
    id: string;
    'aria-invalid': boolean;
    'aria-describedby': string | undefined;
  }) => ReactNode;
}

/** A field with its faults below it. */
export function Field({ label, field, faults, isInline = false, children }: FieldProps): ReactNode {
  const id = useId();
  const own = faultsOf(faults, field);
  const props = {
    id,
    'aria-invalid': own.length > 0,
    'aria-describedby': own.length > 0 ? `${id}-fault` : undefined,
  };
  return (
    <span className={isInline ? styles.inline : styles.field}>
      <label htmlFor={id} className={isInline ? 'hidden-text' : undefined}>
        {label}
      </label>
      {children(props)}
      {own.length > 0 && (
        <span id={`${id}-fault`} className={styles.fault} role="alert">
          {own.map(({ message }) => message).join('; ')}
        </span>
      )}
    </span>
  );
}

interface SelectProps<Value extends string> {
  label: string;
  field: string;
  editing: Editing;
  value: Value;
  options: readonly Value[];
  textOf: (value: Value) => string;
  onChoose: (value: Value) => void;
  isInline?: boolean;
}

export function Select<Value extends string>(props: SelectProps<Value>): ReactNode {
  const { label, field, editing, value, options, textOf, onChoose, isInline = false } = props;
  const all = options.includes(value) ? options : [value, ...options];
  return (
    <Field {...{ label, field, isInline, faults: editing.faults }}>
      {(own) => (
        <select {...own} value={value} onChange={(event) => onChoose(event.target.value as Value)}>
          {all.map((option) => (
            <option key={option} value={option}>
              {textOf(option)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface SecondsProps {
  label: string;
  field: 'windowSeconds' | 'forSeconds' | 'recoverySeconds' | 'intervalSeconds' | 'repeatSeconds';
  editing: Editing;
  options: readonly number[];
  /** The words for 0, and for no value. */
  zero?: string;
  missing?: string;
  isInline?: boolean;
}

/** A length of time, chosen among common ones. */
export function Seconds({
  label,
  field,
  editing,
  options,
  zero,
  missing = '–',
  isInline = false,
}: SecondsProps): ReactNode {
  const value = editing.draft[field];
  return (
    <Select
      {...{ label, field, editing, isInline }}
      value={value == null ? '' : String(value)}
      options={[...(value == null ? [''] : []), ...options.map(String)]}
      textOf={(one) =>
        one === '' ? missing : one === '0' && zero !== undefined ? zero : duration(Number(one) * 1_000)
      }
      onChoose={(one) => editing.set({ [field]: one === '' ? undefined : Number(one) })}
    />
  );
}
