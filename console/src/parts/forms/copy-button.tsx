import { type ReactNode, useState } from 'react';
import { words } from '../../words/parts.ts';
import { Button } from '../button.tsx';

const SHOWN_FOR = 2_000;

interface CopyButtonProps {
  text: string;
  /** What is copied, where the place does not say it. */
  label?: string;
  title?: string;
  kind?: 'primary' | 'normal' | 'quiet';
}

/** Copies a text, and says so. */
export function CopyButton({ text, label = words.copy, title, kind = 'quiet' }: CopyButtonProps): ReactNode {
  const [shown, setShown] = useState<string>();
  const copy = async () => {
    const isCopied = await copyText(text);
    setShown(isCopied ? words.copied : words.copyFailed);
    setTimeout(() => setShown(undefined), SHOWN_FOR);
  };
  return (
    <Button kind={kind} title={title} onClick={() => void copy()}>
      <span aria-live="polite">{shown ?? label}</span>
    </Button>
  );
}

/** Browsers offer a clipboard only over HTTPS and on loopback. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
