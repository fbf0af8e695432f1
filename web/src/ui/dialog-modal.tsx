/** The dialog's frame itself; dialog.tsx loads it when it is first needed. */
import { Modal, type ModalProps } from "@mantine/core";
import { useEffect, useState } from "react";

/** As Modal, and with the look of all dialogs. */
export function DialogModal({ opened, ...props }: ModalProps) {
  // Modal notes where the focus must return to when it opens, which to be there open is not.
  const [isReady, setIsReady] = useState(false);
  useEffect(() => setIsReady(true), []);
  return (
    <Modal opened={opened && isReady} classNames={{ title: "lg-modal-title" }} {...props}>
      {props.children}
    </Modal>
  );
}
