/**
 * Asks before a page is left on which something was typed and not saved. Forms say so by useUnsaved;
 * one question stands for all of them.
 */
import { Button, Group, Stack, Text } from "@mantine/core";
// biome-ignore lint/suspicious/noDeprecatedImports: only the old ways to call it are deprecated
import { useBlocker } from "@tanstack/react-router";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useId,
  useMemo,
  useRef,
} from "react";
import { Dialog } from "../../ui/dialog.tsx";

interface Unsaved {
  mark(id: string, isDirty: boolean): void;
}

const nowhere: Unsaved = { mark: () => undefined };

const UnsavedContext = createContext<Unsaved>(nowhere);

/** Stands around the forms of a page. */
export function UnsavedGuard({ children }: { readonly children: ReactNode }) {
  const dirty = useRef(new Set<string>());
  const context = useMemo<Unsaved>(
    () => ({
      mark: (id, isDirty) => {
        if (isDirty) dirty.current.add(id);
        else dirty.current.delete(id);
      },
    }),
    [],
  );
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      dirty.current.size > 0 &&
      (current.pathname !== next.pathname || current.search["step"] !== next.search["step"]),
    enableBeforeUnload: () => dirty.current.size > 0,
    withResolver: true,
  });
  return (
    <UnsavedContext value={context}>
      {children}
      <Dialog
        opened={blocker.status === "blocked"}
        onClose={() => blocker.reset?.()}
        title="Leave without saving?"
      >
        <Stack>
          <Text>What you typed on this page is not saved, and would be lost.</Text>
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={() => blocker.proceed?.()}>
              Leave without saving
            </Button>
            <Button data-autofocus onClick={() => blocker.reset?.()}>
              Stay here
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </UnsavedContext>
  );
}

/** Tells whether a form holds something unsaved. Answers a way to take that back before the next render. */
export function useUnsaved(isDirty: boolean): () => void {
  const id = useId();
  const { mark } = useContext(UnsavedContext);
  useEffect(() => {
    mark(id, isDirty);
    return () => mark(id, false);
  }, [id, isDirty, mark]);
  return useCallback(() => mark(id, false), [id, mark]);
}
