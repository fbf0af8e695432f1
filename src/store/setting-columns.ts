/**
 * A table of settings between its rows and the columns that hold them: a setting's column has the name
 * that the API gives it. Flags are 0 and 1, lists JSON.
 */
import type { Generated } from "kysely";
import { nameIdFormatOf } from "../access/nameid-format.ts";
import {
  fieldsFrom,
  type SettingKinds,
  type SettingRow,
  type SettingRows,
  type SettingsOf,
  settingsFrom,
} from "../access/setting-rows.ts";
import { flag, fromJson } from "./json.ts";

type Column<Held> = Held extends boolean ? number : Held extends string | null ? Held : string;

/** What the columns hold. */
export type SettingColumns<Rows extends SettingRows> = {
  readonly [Field in keyof Rows]: Column<SettingKinds[Rows[Field]["kind"]]["held"]>;
};

/** The columns as a table has them: each has the setting's default. */
export type SettingsTable<Rows extends SettingRows> = {
  readonly [Field in keyof Rows]: Generated<SettingColumns<Rows>[Field]>;
};

/** The settings that the columns hold. */
export function settingsIn<Rows extends SettingRows>(
  rows: Rows,
  columns: SettingColumns<Rows>,
): SettingsOf<Rows> {
  return settingsFrom(rows, (row, field) => heldIn(row, columns[field]));
}

function heldIn({ kind, default: defaultValue }: SettingRow, column: unknown): unknown {
  if (kind === "flag" || kind === "flagOrServer") return column === null ? null : column === 1;
  if (kind === "nameIdFormat") return nameIdFormatOf(String(column)) ?? defaultValue;
  return Array.isArray(defaultValue) ? fromJson(String(column)) : column;
}

/** The columns that hold the settings. */
export function columnsOf<Rows extends SettingRows>(
  rows: Rows,
  settings: SettingsOf<Rows>,
): SettingColumns<Rows> {
  return fieldsFrom(rows, settings, (held) => {
    if (typeof held === "boolean") return flag(held);
    return Array.isArray(held) ? JSON.stringify(held) : held;
  });
}
