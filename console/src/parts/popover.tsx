import { type ReactNode, useId, useRef } from 'react';
import styles from './popover.module.css';

interface PopoverProps {
  label: ReactNode;
  /** What it is for, where the label does not say it. */
  title?: string;
  className?: string | undefined;
  /** What is inside; `close` closes it. */
  children: (close: () => void) => ReactNode;
  id?: string;
  onOpen?: () => void;
}

/** Pixels between the button and the pop-up. */
const GAP = 6;

/** A button with a pop-up beside it, which closes with Esc and with a click elsewhere. */
export function Popover({ label, title, className = '', children, id, onOpen }: PopoverProps): ReactNode {
  const ownId = useId();
  const popupId = id ?? ownId;
  const popup = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    popup.current?.hidePopover();
    opener.current?.focus();
  };
  const place = (isOpen: boolean) => {
    if (!isOpen || opener.current === null || popup.current === null) return;
    onOpen?.();
    const button = opener.current.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height, style } = popup.current;
    // Above the button where there is no room below it.
    const below = button.bottom + GAP;
    style.top = `${below + height > innerHeight ? Math.max(GAP, button.top - GAP - height) : below}px`;
    style.left = `${Math.max(8, Math.min(button.left, innerWidth - width - 8))}px`;
    popup.current.querySelector<HTMLElement>('[aria-current], input, select, button')?.focus();
  };
  return (
    <>
      <button
        ref={opener}
        type="button"
        className={`${styles.opener} ${className}`}
        popoverTarget={popupId}
        aria-haspopup="dialog"
        title={title}
      >
        {label}
      </button>
      <div
        ref={popup}
        id={popupId}
        popover="auto"
        className={styles.popup}
        role="dialog"
        aria-label={title}
        onToggle={(event) => place(event.newState === 'open')}
      >
        {children(close)}
      </div>
    </>
  );
}
