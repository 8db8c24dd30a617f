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
