/**
 * Generated documents for the comparison with other people's XML libraries: namespaces in every
 * position, prefixes of every order and case, attributes of all kinds, white space, references and
 * text beyond the Basic Multilingual Plane. What is generated is always well-formed and within what
 * our parser accepts, so that any difference is a finding.
 */
import fc from "fast-check";

/** A generated attribute or declaration value, as raw pieces that still need quoting. */
type Pieces = readonly string[];

interface GeneratedElement {
  readonly prefix: string;
  readonly local: string;
  /** Index into `uris`, used where the prefix is not bound yet. */
  readonly uri: number;
  readonly declarations: readonly (readonly [prefix: string, uri: number])[];
  readonly undeclaresDefault: boolean;
  readonly attributes: readonly (readonly [prefix: string, local: string, value: Pieces])[];
  readonly children: readonly (GeneratedElement | Pieces)[];
  /** Choices of layout that mean nothing: quotes, spaces, self-closing tags, order. */
  readonly layout: number;
  /** How many siblings with the very same tag there are; every second has its children reversed. */
  readonly repeats: number;
}

/** UTF-16 and code point order differ between U+FB00 and the letters of Deseret (U+10400). */
const deseret = "\u{10428}";
const ligature = "\uFB00";

/** Every prefix that a document may use, apart from xml and none. */
export const prefixes = [
  "a",
  "A",
  "b",
  "B",
  "ab",
  "a-b",
  "_",
  "p1",
  "é",
  ligature,
  deseret,
] as const;
const locals = ["a", "b", "A", "c", "Z", "_x", "a.b", "é", "ID2", ligature, deseret, "名"] as const;
/** No & among them: libxml2 writes a namespace URI without escaping it, which is not even XML. */
const uris = [
  "urn:a",
  "urn:b",
  "urn:A",
  "http://example.com/?a=1;b=2",
  "http://example.com/'x'",
  "urn:z",
] as const;
const xmlAttributes = ["lang", "space", "base", "id"] as const;

const pieces = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("x", "text", " ", "é", "名", "\u{1F600}", deseret) },
    {
      weight: 3,
      arbitrary: fc.constantFrom("&amp;", "&lt;", "&gt;", "&quot;", "&apos;", ">", "'", '"', "]]"),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        "&#13;",
        "&#xD;",
        "&#10;",
        "&#x9;",
        "&#32;",
        "\r\n",
        "\r",
        "\n",
        "\t",
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom("&#x1F600;", "&#233;", "\u0085", "\u2028", "\uFFFD", "&#x7f;"),
    },
  ),
  { maxLength: 6 },
);

const prefix = fc.oneof(
  { weight: 1, arbitrary: fc.constant("") },
  { weight: 3, arbitrary: fc.constantFrom(...prefixes) },
);
const local = fc.constantFrom(...locals);
const uri = fc.nat(uris.length - 1);

const attribute = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(prefix, local, pieces) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("xml"), fc.constantFrom(...xmlAttributes), pieces) },
);

const { element } = fc.letrec<{ element: GeneratedElement }>((tie) => ({
  element: fc.record({
    prefix,
    local,
    uri,
    declarations: fc.array(fc.tuple(prefix, uri), { maxLength: 3 }),
    undeclaresDefault: fc.integer({ min: 0, max: 5 }).map((choice) => choice === 0),
    attributes: fc.array(attribute, { maxLength: 4 }),
    children: fc.array(fc.oneof({ depthSize: "medium", maxDepth: 5 }, pieces, tie("element")), {
      maxLength: 4,
    }),
    layout: fc.nat(),
    repeats: fc.constantFrom(1, 1, 1, 1, 1, 1, 2, 3),
  }),
}));

/** Stands for a value of xml:id, which no two elements may share. */
const idPlaceholder = "i@";

/** Gives every xml:id of a document its own value. */
export function numberIds(xml: string): string {
  let count = 0;
  return xml.replaceAll(idPlaceholder, () => `i${count++}`);
}

/** A document, which prefixes to treat inclusively, and which element to take. */
export interface GeneratedCase {
  readonly xml: string;
  /** As PrefixList has it, `#default` among them. */
  readonly prefixList: readonly string[];
  /** Index of an element in document order. */
  readonly index: number;
}

/** Well-formed documents that our parser accepts. */
export const generatedCases: fc.Arbitrary<GeneratedCase> = fc
  .tuple(
    element,
    fc.uniqueArray(fc.constantFrom("#default", "xml", ...prefixes), { maxLength: 4 }),
    fc.nat(),
  )
  .map(([root, prefixList, choice]) => {
    const xml = renderElement(root, new Map([["", ""]]));
    return { xml: numberIds(xml), prefixList, index: choice % countElements(root) };
  });

/** Content for an element that declares nothing itself: elements and text, self-contained. */
export const generatedContent: fc.Arbitrary<string> = fc
  .array(fc.oneof(element, pieces), { minLength: 1, maxLength: 3 })
  .map((children) => renderChildren(children, new Map([["", ""]])));

function countElements({ children }: GeneratedElement): number {
  const inside = children.map((child) =>
    isPieces(child) ? 0 : child.repeats * countElements(child),
  );
  return inside.reduce((sum, count) => sum + count, 1);
}

const isPieces = (child: GeneratedElement | Pieces): child is Pieces => Array.isArray(child);

/** Bits of `layout` answer one question each. */
const chooses = (layout: number, bit: number): boolean => ((layout >> bit) & 1) === 1;

function renderElement(node: GeneratedElement, outer: ReadonlyMap<string, string>): string {
  const scope = new Map(outer);
  const declared = new Map<string, string>();
  const bind = (name: string, value: string): void => {
    if (declared.has(name)) return;
    declared.set(name, value);
    scope.set(name, value);
  };
  for (const [name, index] of node.declarations) bind(name, uris[index] ?? "urn:a");
  if (node.undeclaresDefault) bind("", "");
  const used = [node.prefix, ...node.attributes.map(([name]) => name)];
  for (const name of used) {
    if (name !== "" && name !== "xml" && !scope.has(name)) bind(name, uris[node.uri] ?? "urn:a");
  }
  const parts = [
    ...[...declared].map(([name, value]) => {
      return attributeText(name === "" ? "xmlns" : `xmlns:${name}`, [value], node.layout);
    }),
    ...distinctAttributes(node, scope),
  ];
  if (chooses(node.layout, 0)) parts.reverse();
  const name = node.prefix === "" ? node.local : `${node.prefix}:${node.local}`;
  const space = chooses(node.layout, 1) ? "\n\t " : " ";
  const tag = `<${name}${parts.map((part) => space + part).join("")}${chooses(node.layout, 2) ? " " : ""}`;
  const content = renderChildren(node.children, scope);
  if (content === "" && chooses(node.layout, 3)) return `${tag}/>`;
  return `${tag}>${content}</${name}${chooses(node.layout, 4) ? "\n" : ""}>`;
}

function renderRepeated(node: GeneratedElement, scope: ReadonlyMap<string, string>): string {
  const reversed = { ...node, children: node.children.toReversed() };
  return Array.from({ length: node.repeats }, (_, index) =>
    renderElement(index % 2 === 0 ? node : reversed, scope),
  ).join("");
}

function renderChildren(
  children: readonly (GeneratedElement | Pieces)[],
  scope: ReadonlyMap<string, string>,
): string {
  return children
    .map((child) => (isPieces(child) ? child.join("") : renderRepeated(child, scope)))
    .join("")
    .replaceAll("]]>", "]]&gt;");
}

/** No two attributes of one expanded name (Namespaces in XML, 6.3). */
function distinctAttributes(node: GeneratedElement, scope: ReadonlyMap<string, string>): string[] {
  const seen = new Set<string>();
  return node.attributes.flatMap(([name, localName, value]) => {
    const expanded = `${name === "" ? "" : (scope.get(name) ?? name)} ${localName}`;
    if (seen.has(expanded)) return [];
    seen.add(expanded);
    // xml:space and xml:id have fixed kinds of values; libxml2 only warns, but there is no need.
    const isTyped = name === "xml" && (localName === "space" || localName === "id");
    const text = isTyped ? [localName === "space" ? "preserve" : idPlaceholder] : value;
    const full = name === "" ? localName : `${name}:${localName}`;
    return [attributeText(full, text, node.layout)];
  });
}

function attributeText(name: string, value: Pieces, layout: number): string {
  const quote = chooses(layout, 5) ? "'" : '"';
  const reference = quote === '"' ? "&quot;" : "&apos;";
  const escaped = value.map((piece) => piece.replaceAll(quote, reference));
  const sign = chooses(layout, 6) ? " = " : "=";
  return `${name}${sign}${quote}${escaped.join("")}${quote}`;
}
