/**
 * Asks before a page is left on which something was typed and not saved. Forms say so by useUnsaved;
 * one question stands for all of them.
 */
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
import { LeaveQuestion } from "../../ui/leave-question.tsx";

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
      <LeaveQuestion blocker={blocker}>
        What you typed on this page is not saved, and would be lost.
      </LeaveQuestion>
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
