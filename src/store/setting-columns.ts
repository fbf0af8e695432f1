/**
 * A table of settings between its rows and the columns that hold them: a setting's column has the name
 * that the API gives it. Flags are 0 and 1, lists JSON.
 */
import type { Generated } from "kysely";
import { nameIdFormatOf } from "../access/nameid-format.ts";
import {
  heldOf,
  type SettingKinds,
  type SettingRow,
  type SettingRows,
  type SettingsOf,
  settingsFrom,
} from "../access/setting-rows.ts";
import { flag, fromJson } from "./json.ts";

type Column<Held> = Held extends boolean | number
  ? number
  : Held extends string | null
    ? Held
    : string;

/** The values of the columns. */
export type SettingColumns<Rows extends SettingRows> = {
  readonly [Field in keyof Rows as Rows[Field] extends {
    readonly column: infer Name extends string;
  }
    ? Name
    : Field]: Column<SettingKinds[Rows[Field]["kind"]]["held"]>;
};

/** The columns as a table has them: each has the setting's default. */
export type SettingsTable<Rows extends SettingRows> = {
  readonly [Name in keyof SettingColumns<Rows>]: Generated<SettingColumns<Rows>[Name]>;
};

/** The settings that the columns hold. */
export function settingsIn<Rows extends SettingRows>(
  rows: Rows,
  columns: object,
): SettingsOf<Rows> {
  return settingsFrom(rows, (row, field) => heldIn(row, Reflect.get(columns, row.column ?? field)));
}

function heldIn({ kind, default: defaultValue }: SettingRow, column: unknown): unknown {
  if (kind === "flag" || kind === "flagOrServer") return column === null ? null : column === 1;
  if (kind === "nameIdFormat") return nameIdFormatOf(String(column)) ?? defaultValue;
  if (kind === "whole") return column ?? defaultValue;
  return Array.isArray(defaultValue) ? fromJson(String(column)) : column;
}

/** The columns that hold the settings. */
export function columnsOf<Rows extends SettingRows>(
  rows: Rows,
  settings: SettingsOf<Rows>,
): SettingColumns<Rows> {
  const columns = Object.entries(rows).map(([field, row]) => {
    const held = heldOf(settings, field, row);
    const stored = Array.isArray(held) ? JSON.stringify(held) : held;
    return [row.column ?? field, typeof stored === "boolean" ? flag(stored) : stored];
  });
  return Object.fromEntries(columns) as SettingColumns<Rows>;
}
