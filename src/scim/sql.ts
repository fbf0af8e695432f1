/**
 * Pieces of SQL with their parameters, before any database library sees them.
 *
 * `parts` and `parameters` stand to one another as in a tagged template, so that Kysely's tag takes
 * them as they are: sql(fragment.parts as TemplateStringsArray, ...fragment.parameters). Nothing that
 * a client sent is ever in `parts`.
 */

/** SQL text around parameters; `parts` has one more item than `parameters`. */
export interface SqlFragment {
  readonly parts: readonly string[];
  readonly parameters: readonly (string | number)[];
}

/** A parameter or a fragment to be joined in. */
type Piece = SqlFragment | string | number;

/** A fragment from a template; strings and numbers become parameters, fragments are joined in. */
export function fragment(strings: TemplateStringsArray, ...pieces: readonly Piece[]): SqlFragment {
  const parts = [strings[0] ?? ""];
  const parameters: (string | number)[] = [];
  for (const [at, piece] of pieces.entries()) {
    const after = strings[at + 1] ?? "";
    if (typeof piece === "object") {
      const [first = "", ...rest] = piece.parts;
      parts.push((parts.pop() ?? "") + first, ...rest);
      parameters.push(...piece.parameters);
      parts.push((parts.pop() ?? "") + after);
    } else {
      parameters.push(piece);
      parts.push(after);
    }
  }
  return { parts, parameters };
}

/** A fragment of trusted text: column names and keywords of our own. */
export function raw(text: string): SqlFragment {
  return { parts: [text], parameters: [] };
}

/** Fragments with `separator` between them. */
export function joinFragments(items: readonly SqlFragment[], separator: string): SqlFragment {
  const parts = [""];
  const parameters: (string | number)[] = [];
  for (const [at, item] of items.entries()) {
    const [first = "", ...rest] = item.parts;
    parts.push((parts.pop() ?? "") + (at === 0 ? "" : separator) + first);
    for (const part of rest) parts.push(part);
    for (const parameter of item.parameters) parameters.push(parameter);
  }
  return { parts, parameters };
}

/** The text with `?` for each parameter, or `$1`, `$2`… */
export function sqlText({ parts }: SqlFragment, style: "?" | "$" = "?"): string {
  return parts.reduce((text, part, at) => `${text}${style === "?" ? "?" : `$${at}`}${part}`);
}
