/** The reference pages, made from the tables that the program itself reads. */
import type { Variable } from "../src/config-variable.ts";
import { variables } from "../src/config-variables.ts";
import { errorTable } from "../src/errors.ts";

const note = "<!-- Made by `npm run docs` from the tables in src/. Edit those. -->";

/** docs/configuration.md: every variable by section. */
export function renderConfigurationPage(): string {
  const rows: readonly Variable<unknown>[] = Object.values(variables);
  const sections = [...new Set(rows.map((row) => row.section))].map((section) => {
    const lines = rows.filter((row) => row.section === section).map(renderVariable);
    return `## ${section}\n\n| Variable | Default | Meaning |\n| --- | --- | --- |\n${lines.join("\n")}\n`;
  });
  return `# Configuration

${note}

Labelgate is configured by environment variables. Every problem is reported at the start, all at once,
and the server does not start with any. \`labelgate check\` looks at them without starting.

- Each variable is also read as \`LABEL_STUDIO_<NAME>\`, which wins where both are set.
- An empty value counts as unset.
- Switches take \`0\`, \`1\`, \`true\`, \`false\`, \`yes\`, \`no\`, in any case.
- Variables marked *secret* are also read from the file that \`<NAME>_FILE\` names, as container
  secrets are. Only one of the two may be set.
- Names that nearly match one of these are pointed out in the log at the start.

${sections.join("\n")}`;
}

function renderVariable(row: Variable<unknown>): string {
  const secret = row.isSecret ? " *(secret)*" : "";
  return `| \`${row.name}\`${secret} | ${row.shownDefault ?? shownDefault(row.fallback)} | ${cell(row.doc)} |`;
}

function shownDefault(fallback: unknown): string {
  if (fallback === true) return "`1`";
  if (fallback === false) return "`0`";
  return `\`${String(fallback)}\``;
}

/** docs/errors.md: every code with its status, its public sentence and what to do. */
export function renderErrorsPage(): string {
  const rows = Object.entries(errorTable).map(
    ([code, row]) => `| \`${code}\` | ${row.status} | ${cell(row.public)} | ${cell(row.hint)} |`,
  );
  return `# Error codes

${note}

The code of a refused sign-in stands in the sign-in log under the reference number that the person
was shown; the person reads only the public sentence. The API answers refusals with
\`{"id", "status_code", "version", "detail", "exc_info"}\`, and \`validation_errors\` by field where a
request was wrong; \`id\` is the request id that the log's lines bear.

| Code | Status | Anybody reads | What it means and what to do |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}

const cell = (text: string): string => text.replaceAll("|", "\\|");
