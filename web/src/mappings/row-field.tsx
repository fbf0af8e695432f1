/**
 * Common parts of the fields of a row: a label that the heading of the column stands in for, and
 * errors.
 */
import { VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";

export interface FieldProps<Value> {
  /** The column's name. */
  readonly label: string;
  /** The row's number, as people count. */
  readonly position: number;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly error?: string | undefined;
}

/** The props that Mantine's inputs take of it. */
export function inputProps({
  label,
  position,
  error,
}: Pick<FieldProps<unknown>, "label" | "position" | "error">): {
  readonly label: ReactNode;
  readonly className: string;
  readonly error?: string;
} {
  return {
    label: (
      <>
        {label}
        <VisuallyHidden> of mapping {position}</VisuallyHidden>
      </>
    ),
    className: "lg-map-field",
    ...(error !== undefined && { error }),
  };
}
