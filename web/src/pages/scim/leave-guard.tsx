/** Asks before the page is left while something on it is not saved. */
// biome-ignore lint/suspicious/noDeprecatedImports: only the old ways to call it are deprecated
import { useBlocker } from "@tanstack/react-router";
import { LeaveQuestion } from "../../ui/leave-question.tsx";

/** The question; links within the page, such as those of its filters, do not ask. */
export function LeaveGuard({ isDirty }: { readonly isDirty: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: isDirty,
    withResolver: true,
  });
  return (
    <LeaveQuestion blocker={blocker}>
      The mappings that you changed are not saved, and the changes would be lost.
    </LeaveQuestion>
  );
}
