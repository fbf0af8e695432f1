/**
 * The shape of a table of settings, and what follows from one: the settings' type in the program and
 * their wire form, walks over all of them. The rows are settings-table.ts's; what a field may hold is
 * setting-fields.ts's, and its column store/setting-columns.ts's. Pure.
 */
import type { ProjectMapping, RoleMapping, WorkspaceMapping } from "./mappings.ts";
import type { NameIdFormat } from "./nameid-format.ts";

interface Kind<Held, Wire = Held> {
  readonly held: Held;
  readonly wire: Wire;
}

/** Mapped targets, each with its group. */
type Pairs = readonly (readonly [target: string, group: string])[];

/** Kinds of setting, each with its type in the program and in the API. */
export interface SettingKinds {
  readonly line: Kind<string>;
  /** Text of any lines. */
  readonly lines: Kind<string>;
  /** A line that is never empty. */
  readonly name: Kind<string>;
  /** A line, or null for none. */
  readonly word: Kind<string | null>;
  readonly nameIdFormat: Kind<NameIdFormat, string>;
  readonly flag: Kind<boolean>;
  /** A number from 1. */
  readonly whole: Kind<number>;
  /** A flag that null leaves to the server's environment. */
  readonly flagOrServer: Kind<boolean | null>;
  readonly roles: Kind<readonly RoleMapping[], Pairs>;
  readonly workspaces: Kind<readonly WorkspaceMapping[], Pairs>;
  readonly projects: Kind<
    readonly ProjectMapping[],
    readonly { readonly project_id: number; readonly group: string; readonly role: string }[]
  >;
  /** Enterprise's seat types, in its own spelling. */
  readonly seats: Kind<readonly { readonly seatType: string; readonly group: string }[], Pairs>;
}

interface RowOf<Name extends keyof SettingKinds> {
  readonly kind: Name;
  readonly default: SettingKinds[Name]["held"];
  /** Title on the pages, where they report a change of a SAML setting. */
  readonly title?: string;
  /** Its name in the program and in revisions; the field's in camel case unless told. */
  readonly property?: string;
  /** Its column; the field's name unless told. */
  readonly column?: string;
  /** Of text, the most characters, 1024 unless told; of a number, the most. */
  readonly most?: number;
  /** Of a number: what it counts. */
  readonly unit?: string;
  /** True where it decides whether a sign-in succeeds, and whose it is (PRODUCT 9.8). */
  readonly decidesSignOn?: true;
  /** Of a flag with a control among the security switches: what that is called and means. */
  readonly label?: string;
  readonly help?: string;
  /** Of `flagOrServer`: the variable that null follows, and both choices in words. */
  readonly variable?: string;
  readonly on?: string;
  readonly off?: string;
  /** Of a flag that makes sign-in weaker: the warning while it is on. */
  readonly weakens?: { readonly code: string; readonly title: string; readonly message: string };
}

/** One setting. */
export type SettingRow = { [Name in keyof SettingKinds]: RowOf<Name> }[keyof SettingKinds];

/** Settings by the name that the API gives them. */
export type SettingRows = Readonly<Record<string, SettingRow>>;

/** A name in snake case, in camel case. */
export type Camel<Name> = Name extends `${infer First}_${infer Rest}`
  ? `${First}${Capitalize<Camel<Rest>>}`
  : Name;

type Property<Row, Field> = Row extends { readonly property: infer Name extends string }
  ? Name
  : Camel<Field>;

/** The settings in the program. */
export type SettingsOf<Rows extends SettingRows> = {
  readonly [Field in keyof Rows as Property<
    Rows[Field],
    Field
  >]: SettingKinds[Rows[Field]["kind"]]["held"];
};

/** The settings as the API spells them. */
export type FieldsOf<Rows extends SettingRows> = {
  readonly [Field in keyof Rows]: SettingKinds[Rows[Field]["kind"]]["wire"];
};

/** Settings to lay over others: absent ones stay, null is the default. */
export type PatchOf<Rows extends SettingRows> = {
  readonly [Field in keyof Rows]?: SettingKinds[Rows[Field]["kind"]]["held"] | null | undefined;
};

/** A name in snake case, in camel case. */
export function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The setting of this row in the program. */
export function heldOf(settings: object, field: string, { property }: SettingRow): unknown {
  return Reflect.get(settings, property ?? camelCase(field));
}

/** The settings whose values `heldBy` knows; each must be of its row's kind. */
export function settingsFrom<Rows extends SettingRows>(
  rows: Rows,
  heldBy: (row: SettingRow, field: string) => unknown,
): SettingsOf<Rows> {
  const values = Object.entries(rows).map(([field, row]) => [
    row.property ?? camelCase(field),
    heldBy(row, field),
  ]);
  return Object.fromEntries(values) as SettingsOf<Rows>;
}

/** Builds an object from the result of `spell` for each setting, by the API's names. */
export function fieldsFrom<Rows extends SettingRows, Spelt extends { [F in keyof Rows]: unknown }>(
  rows: Rows,
  settings: SettingsOf<Rows>,
  spell: (held: unknown, row: SettingRow) => unknown,
): Spelt {
  const values = Object.entries(rows).map(([field, row]) => [
    field,
    spell(heldOf(settings, field, row), row),
  ]);
  return Object.fromEntries(values) as Spelt;
}
