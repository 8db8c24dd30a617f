import type { ComponentProps, ReactNode } from 'react';
import styles from './forms.module.css';

interface TextInputProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  value: string;
  onText: (text: string) => void;
}

export function TextInput({ value, onText, ...rest }: TextInputProps): ReactNode {
  return (
    <input
      autoComplete="off"
      {...rest}
      className={styles.control}
      value={value}
      onChange={(event) => onText(event.target.value)}
    />
  );
}

interface TextAreaProps extends Omit<ComponentProps<'textarea'>, 'onChange' | 'value'> {
  value: string;
  onText: (text: string) => void;
}

/** Several lines of text. */
export function TextArea({ value, onText, ...rest }: TextAreaProps): ReactNode {
  return (
    <textarea
      {...rest}
      className={`${styles.control} ${styles.lines}`}
      value={value}
      onChange={(event) => onText(event.target.value)}
    />
  );
}
