/**
 * Mutations of XML text: nodes and bytes that are flipped, deleted, doubled or moved, by a seeded
 * generator, so that every case can be made again from its seed.
 */

/** Uniform numbers from a 32-bit seed. */
export interface Random {
  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number;
  pick<T>(list: readonly T[]): T;
}

/** Mulberry32: small, and good enough to choose what to break. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_00_00_00_00;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: (list) => {
      const item = list[below(list.length)];
      if (item === undefined) throw new Error("nothing to pick from");
      return item;
    },
  };
}

/** `xml` with one to three changes. */
export function mutate(xml: Buffer, random: Random): Buffer {
  let mutated = xml;
  for (let left = 1 + (random.below(4) === 0 ? random.below(3) : 0); left > 0; left -= 1) {
    // Little may be left of it after the first.
    if (mutated.length > 0) mutated = random.pick(mutations)(mutated, random);
  }
  return mutated;
}

type Mutation = (xml: Buffer, random: Random) => Buffer;

const asText =
  (change: (xml: string, random: Random) => string): Mutation =>
  (xml, random) =>
    Buffer.from(change(xml.toString("latin1"), random), "latin1");

const mutations: readonly Mutation[] = [
  flipBit,
  flipBit,
  replaceByte,
  asText(deleteBytes),
  asText(doubleBytes),
  asText(moveBytes),
  asText(insertHostile),
  asText(deleteElement),
  asText(doubleElement),
  asText(moveElement),
  asText(moveElement),
  asText(copyElement),
  asText(wrapElement),
  asText(renameElement),
  asText(deleteAttribute),
  asText(copyAttribute),
  asText(swapAttributeValues),
  asText(changeText),
  asText(deleteText),
];

function flipBit(xml: Buffer, random: Random): Buffer {
  const mutated = Buffer.from(xml);
  const at = random.below(mutated.length);
  mutated[at] = (mutated[at] ?? 0) ^ (1 << random.below(8));
  return mutated;
}

function replaceByte(xml: Buffer, random: Random): Buffer {
  const mutated = Buffer.from(xml);
  mutated[random.below(mutated.length)] = random.below(256);
  return mutated;
}

/** A place and a stretch of up to 40 characters behind it. */
function stretch(xml: string, random: Random): readonly [start: number, end: number] {
  const start = random.below(xml.length);
  return [start, Math.min(xml.length, start + 1 + random.below(40))];
}

function deleteBytes(xml: string, random: Random): string {
  const [start, end] = stretch(xml, random);
  return xml.slice(0, start) + xml.slice(end);
}

function doubleBytes(xml: string, random: Random): string {
  const [start, end] = stretch(xml, random);
  return xml.slice(0, end) + xml.slice(start);
}

function moveBytes(xml: string, random: Random): string {
  const [start, end] = stretch(xml, random);
  return insertAt(
    xml.slice(0, start) + xml.slice(end),
    random.below(xml.length),
    xml.slice(start, end),
  );
}

/** What parsers have disagreed about. */
const hostile = [
  "<!---->",
  "<!-- x -->",
  "<?x y?>",
  "<![CDATA[]]>",
  "&#0;",
  "&#xD;",
  "&#13;\n",
  "&amp;",
  "&x;",
  "&lt;",
  "\r\n",
  "\t",
  " ",
  "\0",
  "\u00ff",
  ' xmlns="urn:x"',
  ' xmlns:saml="urn:x"',
  ' ID="x"',
  "<x/>",
  "]]>",
] as const;

function insertHostile(xml: string, random: Random): string {
  return insertAt(xml, random.below(xml.length + 1), random.pick(hostile));
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where each element starts and ends; the text is the demo's, in which tags hold no ">". */
function elementSpans(xml: string): Span[] {
  const spans: Span[] = [];
  const open: number[] = [];
  for (const tag of xml.matchAll(/<(\/?)[^>]*?(\/?)>/g)) {
    const end = tag.index + tag[0].length;
    if (tag[1] === "/") {
      const start = open.pop();
      if (start !== undefined) spans.push({ start, end });
    } else if (tag[2] === "/") {
      spans.push({ start: tag.index, end });
    } else {
      open.push(tag.index);
    }
  }
  return spans;
}

/** Between any two tags. */
function anyPlace(xml: string, random: Random): number {
  const places = [...xml.matchAll(/</g)].map((match) => match.index);
  return places.length === 0 ? 0 : random.pick(places);
}

/** Changes one of the spans that `find` finds, where there is one. */
function onSpan(
  find: (xml: string) => readonly Span[],
  change: (xml: string, span: Span, random: Random) => string,
) {
  return (xml: string, random: Random): string => {
    const spans = find(xml);
    return spans.length === 0 ? xml : change(xml, random.pick(spans), random);
  };
}

const onElement = (change: (xml: string, span: Span, random: Random) => string) =>
  onSpan(elementSpans, change);

function deleteElement(xml: string, random: Random): string {
  return onElement((text, { start, end }) => text.slice(0, start) + text.slice(end))(xml, random);
}

function doubleElement(xml: string, random: Random): string {
  return onElement((text, { start, end }) => text.slice(0, end) + text.slice(start))(xml, random);
}

/** What signature wrapping is made of: the same element in another place. */
function moveElement(xml: string, random: Random): string {
  return onElement((text, { start, end }) => {
    const rest = text.slice(0, start) + text.slice(end);
    return insertAt(rest, anyPlace(rest, random), text.slice(start, end));
  })(xml, random);
}

function copyElement(xml: string, random: Random): string {
  return onElement((text, { start, end }) => {
    return insertAt(text, anyPlace(text, random), text.slice(start, end));
  })(xml, random);
}

function wrapElement(xml: string, random: Random): string {
  const name = random.pick(["samlp:Extensions", "saml:Advice", "ds:Object", "saml:AttributeValue"]);
  return onElement((text, { start, end }) => {
    const inside = `<${name}>${text.slice(start, end)}</${name}>`;
    return text.slice(0, start) + inside + text.slice(end);
  })(xml, random);
}

function renameElement(xml: string, random: Random): string {
  return onElement((text, { start, end }) => {
    const name = random.pick([...text.matchAll(/<([\w:]+)/g)])[1] ?? "";
    const renamed = text
      .slice(start, end)
      .replace(/^<[\w:]+/, `<${name}`)
      .replace(/<\/[\w:]+>$/, `</${name}>`);
    return text.slice(0, start) + renamed + text.slice(end);
  })(xml, random);
}

function attributeSpans(xml: string): Span[] {
  return [...xml.matchAll(/ [\w:]+="[^"]*"/g)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function deleteAttribute(xml: string, random: Random): string {
  return onSpan(attributeSpans, (text, { start, end }) => text.slice(0, start) + text.slice(end))(
    xml,
    random,
  );
}

function copyAttribute(xml: string, random: Random): string {
  return onSpan(attributeSpans, (text, { start, end }) => {
    return insertAt(text, random.pick(attributeSpans(text)).start, text.slice(start, end));
  })(xml, random);
}

/** Two attributes exchange their values: an ID for another, a prefix for another namespace. */
function swapAttributeValues(xml: string, random: Random): string {
  const spans = attributeSpans(xml);
  if (spans.length === 0) return xml;
  const [first, second] = [random.pick(spans), random.pick(spans)].sort(
    (a, b) => a.start - b.start,
  );
  if (first === undefined || second === undefined || first.start === second.start) return xml;
  const nameEnd = ({ start }: Span): number => xml.indexOf("=", start) + 1;
  const value = (span: Span): string => xml.slice(nameEnd(span), span.end);
  return (
    xml.slice(0, nameEnd(first)) +
    value(second) +
    xml.slice(first.end, nameEnd(second)) +
    value(first) +
    xml.slice(second.end)
  );
}

function textSpans(xml: string): Span[] {
  return [...xml.matchAll(/>([^<]+)</g)].map((match) => ({
    start: match.index + 1,
    end: match.index + match[0].length - 1,
  }));
}

/** One text in the place of another. */
function changeText(xml: string, random: Random): string {
  return onSpan(textSpans, (text, { start, end }) => {
    const from = random.pick(textSpans(text));
    return text.slice(0, start) + text.slice(from.start, from.end) + text.slice(end);
  })(xml, random);
}

function deleteText(xml: string, random: Random): string {
  return onSpan(textSpans, (text, { start, end }) => text.slice(0, start) + text.slice(end))(
    xml,
    random,
  );
}

function insertAt(xml: string, at: number, text: string): string {
  return xml.slice(0, at) + text + xml.slice(at);
}
