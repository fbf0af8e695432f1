/**
 * Definition of an attribute by its schema (RFC 7643 2.2, 7), and a short way to write it down. The
 * definitions stand in definitions-*.ts, the look-up in schema.ts.
 */

/** RFC 7643 2.3. */
export type AttributeType =
  | "string"
  | "boolean"
  | "decimal"
  | "integer"
  | "dateTime"
  | "binary"
  | "reference"
  | "complex";

/** One attribute or sub-attribute with all its characteristics. */
export interface Attribute {
  /** In the case that answers use; requests may write any case. */
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: "readOnly" | "readWrite" | "immutable" | "writeOnly";
  readonly returned: "always" | "never" | "default" | "request";
  readonly uniqueness: "none" | "server" | "global";
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
  /**
   * The name of a person or a group or an e-mail address, which compares as `foldName` has it. Ours
   * alone: clients read nothing of it.
   */
  readonly isName?: true;
}

/** One schema: a URN and what it defines. */
export interface Schema {
  readonly urn: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

type Settings = Partial<Omit<Attribute, "name" | "description">>;

/** An attribute with RFC 7643 2.2's defaults: an optional, writable string in any case. */
export function define(name: string, description: string, settings: Settings = {}): Attribute {
  return {
    name,
    type: "string",
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: "readWrite",
    returned: "default",
    uniqueness: "none",
    ...settings,
  };
}

/** A complex attribute. */
export function complex(
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  settings: Settings = {},
): Attribute {
  return define(name, description, { type: "complex", subAttributes, ...settings });
}

/** A multi-valued attribute with the sub-attributes of RFC 7643 2.4: value, display, type, primary. */
export function plural(
  name: string,
  description: string,
  options: { readonly value?: Attribute; readonly types?: readonly string[] } = {},
): Attribute {
  const { value = define("value", `One of the ${name}.`), types } = options;
  const canonical = types === undefined ? {} : { canonicalValues: types };
  const subAttributes = [
    value,
    define("display", "A name for people to read."),
    define("type", "A label for what the value is for.", canonical),
    define("primary", "True for the preferred value; at most one is.", { type: "boolean" }),
  ];
  return complex(name, description, subAttributes, { multiValued: true });
}
