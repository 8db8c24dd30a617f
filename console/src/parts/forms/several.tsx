import type { ReactNode } from 'react';
import styles from '../button.module.css';

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
