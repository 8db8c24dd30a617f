import { type ReactNode, useId } from 'react';
import styles from './forms.module.css';

interface FieldProps {
  label: string;
  hint?: ReactNode;
  /** The control; it takes the id that its label names, and that of the hint. */
  children: (ids: { id: string; 'aria-describedby'?: string }) => ReactNode;
}

/** A control with its label and a hint. */
export function Field({ label, hint, children }: FieldProps): ReactNode {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children({ id, ...(hint !== undefined && { 'aria-describedby': hintId }) })}
      {hint !== undefined && (
        <p id={hintId} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** A form, one field below the other. */
export function Form({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }): ReactNode {
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

/** The buttons below a form. */
export function FormActions({ children }: { children: ReactNode }): ReactNode {
  return <div className={styles.formActions}>{children}</div>;
}
