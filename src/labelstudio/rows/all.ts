/** The whole table of Label Studio's addresses, by subject (GATEWAY 10.4). */
import type { Row } from "../row.ts";
import { connectionRows } from "./connections.ts";
import { dataManagerRows } from "./data-manager.ts";
import { pageRows } from "./pages.ts";
import { projectRows } from "./projects.ts";
import { transferRows } from "./transfer.ts";
import { workRows } from "./work.ts";

/** Every row. An address without one is never forwarded. */
export const allRows: readonly Row[] = [
  ...projectRows,
  ...workRows,
  ...dataManagerRows,
  ...transferRows,
  ...connectionRows,
  ...pageRows,
];
