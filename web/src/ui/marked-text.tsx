/** Texts of data files with a few marks: **a label to click or to look for**, `a value to enter`. */
import { Fragment } from "react";

/** The text with its labels and values set off. */
export function MarkedText({ text }: { readonly text: string }) {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`)/).map((part, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a fixed text never move
    <Fragment key={index}>
      <Part part={part} />
    </Fragment>
  ));
}

function Part({ part }: { readonly part: string }) {
  if (part.startsWith("**")) return <strong>{part.slice(2, -2)}</strong>;
  if (part.startsWith("`")) return <code className="lg-code">{part.slice(1, -1)}</code>;
  return part;
}
