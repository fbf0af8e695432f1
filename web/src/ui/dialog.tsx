/**
 * A dialog over the page. Most visits open none, so that its code is loaded with the first one; the
 * frame of it is dialog-modal.tsx.
 */
import type { ModalProps } from "@mantine/core";
import { lazy, Suspense, useState } from "react";

const DialogModal = lazy(() =>
  import("./dialog-modal.tsx").then((module) => ({ default: module.DialogModal })),
);

/** Mantine's Modal: `opened`, `onClose`, `title`. Takes the focus, keeps it, gives it back; Escape closes. */
export function Dialog(props: ModalProps) {
  const [isNeeded, setIsNeeded] = useState(props.opened);
  if (props.opened && !isNeeded) setIsNeeded(true);
  if (!isNeeded) return null;
  return (
    <Suspense fallback={null}>
      <DialogModal {...props} />
    </Suspense>
  );
}
