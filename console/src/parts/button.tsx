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

interface SeveralProps {
  label: string;
  choices: readonly string[];
  chosen: readonly string[];
  /** One of them was pressed: it holds from now on, or no longer. */
  onChoose: (choice: string) => void;
}

/** A few choices side by side, of which several may hold. */
export function Several({ label, choices, chosen, onChoose }: SeveralProps): ReactNode {
  return (
    <fieldset className={styles.choices}>
      <legend className="hidden-text">{label}</legend>
      {choices.map((choice) => (
        <button
          key={choice}
          type="button"
          aria-pressed={chosen.includes(choice)}
          onClick={() => onChoose(choice)}
        >
          {choice}
        </button>
      ))}
    </fieldset>
  );
}

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
