import type { ReactNode } from 'react';
import { Button } from '../button.tsx';
import { Dialog } from '../dialog.tsx';
import { Status } from '../status.tsx';
import { CodeBlock } from './code-block.tsx';
import { FormActions } from './field.tsx';

interface OnceDialogProps {
  title: string;
  /** That it is shown only now. */
  warning: string;
  /** What the secret is. */
  label: string;
  secret: string;
  /** The word of the button that closes. */
  done: string;
  onClose: () => void;
  /** How it is used. */
  children?: ReactNode;
}

/** A secret, as it is shown only now. */
export function OnceDialog(props: OnceDialogProps): ReactNode {
  const { title, warning, label, secret, done, onClose, children } = props;
  return (
    <Dialog title={title} onClose={onClose}>
      <p>
        <Status level="warning">{warning}</Status>
      </p>
      <CodeBlock label={label} text={secret} />
      {children}
      <FormActions>
        <Button kind="primary" onClick={onClose}>
          {done}
        </Button>
      </FormActions>
    </Dialog>
  );
}
