import { type ReactNode, useEffect, useId, useRef } from 'react';
import { words } from '../words/shell.ts';
import styles from './dialog.module.css';

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  className?: string | undefined;
  /** Whether the title is only for screen readers. */
  isTitleHidden?: boolean;
}

/** A modal dialog, open as long as it is rendered. Esc and a click beside it close it. Its first field has the focus. */
export function Dialog({
  title,
  onClose,
  children,
  className = '',
  isTitleHidden = false,
}: DialogProps): ReactNode {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>('input, select, textarea')?.focus();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes it, too.
    <dialog
      ref={dialog}
      className={`${styles.dialog} ${className}`}
      aria-labelledby={titleId}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
    >
      <div className={styles.content}>
        <header className={isTitleHidden ? 'hidden-text' : styles.header}>
          <h2 id={titleId}>{title}</h2>
          <button
            type="button"
            className={styles.close}
            onClick={() => dialog.current?.close()}
            aria-label={words.close}
          >
            ×
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
