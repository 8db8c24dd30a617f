import type { ComponentProps, ReactNode } from 'react';
import styles from './button.module.css';

interface ButtonProps extends ComponentProps<'button'> {
  /** `primary`: the one step that the page suggests. `quiet`: without a border. */
  kind?: 'primary' | 'normal' | 'quiet';
}

export function Button({ kind = 'normal', className = '', ...rest }: ButtonProps): ReactNode {
  return <button type="button" className={`${styles.button} ${styles[kind]} ${className}`} {...rest} />;
}

/** A link that looks like a button: for what leads to another page. */
export const buttonClass: string = `${styles.button} ${styles.normal}`;

interface ChoiceProps<Choice extends string> {
  label: string;
  choices: readonly Choice[];
  chosen: Choice;
  textOf: (choice: Choice) => string;
  onChoose: (choice: Choice) => void;
}

/** A few choices side by side, of which one holds. */
export function Choices<Choice extends string>(props: ChoiceProps<Choice>): ReactNode {
  const { label, choices, chosen, textOf, onChoose } = props;
  return (
    <fieldset className={styles.choices}>
      <legend className="hidden-text">{label}</legend>
      {choices.map((choice) => (
        <button key={choice} type="button" aria-pressed={choice === chosen} onClick={() => onChoose(choice)}>
          {textOf(choice)}
        </button>
      ))}
    </fieldset>
  );
}
