/**
 * The shape of a row in the table of variables (config-variables.ts), so that the table holds rows alone.
 */
import type { z } from "zod";

/** One variable: how it is read, what it is when unset, and what the documentation says of it. */
export interface Variable<T> {
  readonly name: string;
  readonly section: string;
  readonly schema: z.ZodType<T, string>;
  readonly fallback: T;
  /** The default in words, where the value itself would not explain it. */
  readonly shownDefault?: string;
  readonly doc: string;
  readonly isSecret?: true;
}

/** A row, with the type that its value has. */
export const variable = <T>(row: Variable<T>): Variable<T> => row;
