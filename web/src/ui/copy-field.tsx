/** A value to carry elsewhere, with a button that copies it. */
import { Button, Input, TextInput, VisuallyHidden } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { type ReactNode, useId } from "react";
import { CheckIcon, CopyIcon } from "./icons.tsx";

interface CopyFieldProps {
  readonly label: string;
  readonly value: string;
  readonly hint?: ReactNode;
}

/** A read-only field, selected whole when focused, and its copy button. */
export function CopyField({ label, value, hint }: CopyFieldProps) {
  const id = useId();
  return (
    <Input.Wrapper label={label} id={id} {...(hint !== undefined && { description: hint })}>
      <div className="lg-copy">
        <TextInput
          id={id}
          readOnly
          value={value}
          onFocus={(event) => event.currentTarget.select()}
          classNames={{ input: "lg-code" }}
        />
        <CopyButton value={value} what={label} />
      </div>
    </Input.Wrapper>
  );
}

/** The button alone: copies `value`; `what` names it for those who do not see where the button stands. */
export function CopyButton({ value, what }: { readonly value: string; readonly what: string }) {
  const clipboard = useClipboard({ timeout: 2_000 });
  const isCopied = clipboard.copied;
  return (
    <Button
      variant="default"
      onClick={() => clipboard.copy(value)}
      leftSection={isCopied ? <CheckIcon /> : <CopyIcon />}
      miw="7rem"
    >
      <span aria-live="polite">{isCopied ? "Copied" : "Copy"}</span>
      <VisuallyHidden> {what}</VisuallyHidden>
    </Button>
  );
}
