/** The row of fields above a log, which wraps to as many columns as fit. */
import "./filters.css";
import { Button } from "@mantine/core";
import { type ReactNode, useRef } from "react";

interface FiltersProps {
  /** Names the group for screen readers: "Filter the sign-in log". */
  readonly label: string;
  readonly children: ReactNode;
  /** Null while nothing is filtered. */
  readonly onClear: (() => void) | null;
}

/** The fields, and a button that empties them. */
export function Filters({ label, children, onClear }: FiltersProps) {
  const group = useRef<HTMLDivElement>(null);
  const clear = () => {
    onClear?.();
    // The button goes, and the keyboard stays where it stood.
    group.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset lays its children out in ways of its own.
    <div role="group" aria-label={label} ref={group} tabIndex={-1} className="lg-filters">
      {children}
      {onClear !== null && (
        <Button variant="default" onClick={clear}>
          Clear filters
        </Button>
      )}
    </div>
  );
}
