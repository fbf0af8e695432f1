/**
 * Fields that the schemas of workspaces and projects share. What the original has and Labelgate does
 * not know by is refused with a sentence rather than ignored: a filter that does nothing would show,
 * or remove, more than was asked for.
 */
import { z } from "zod";
import { wireFlag, wireId } from "./parse.ts";

/** Control characters but line breaks and tabs, and lone surrogates: PostgreSQL refuses some. */
const unstorable = /[^\P{Cc}\n\r\t]|\p{Cs}/u;
const breaks = /[\n\r\t]/;
const unstorableSentence = "This may not contain control characters or broken Unicode.";

/** Text of one line or of several. */
export const textField = (most: number, { isLine = true }: { isLine?: boolean } = {}) =>
  z
    .string({ error: "Send text." })
    .max(most, { error: `This may have at most ${most} characters.` })
    .refine((text) => !unstorable.test(text) && !(isLine && breaks.test(text)), {
      error: unstorableSentence,
    });

/** PostgreSQL indexes titles, and an index entry holds no more than this. */
const maxTitleBytes = 2_400;

/** A title: something to call a place by. White space around it is nobody's intention. */
export const titleField = textField(1000)
  .transform((text) => text.trim())
  .refine((text) => text !== "", { error: "The title may not be empty." })
  .refine((text) => new TextEncoder().encode(text).length <= maxTitleBytes, {
    error: `The title may have at most ${maxTitleBytes} bytes.`,
  });

/** Text that may be absent; null empties it. */
export const emptyableField = (most: number, options?: { isLine?: boolean }) =>
  textField(most, options)
    .nullable()
    .transform((text) => text ?? "")
    .optional();

/** A field of the answer that nobody sets: what was read may be sent back. */
export const answeredField = z.unknown().optional();

/** A parameter of the original that means nothing here. */
export const unknownHere = (sentence: string) =>
  z
    .unknown()
    .refine((value) => value === undefined, { error: sentence })
    .optional();

/** Ids separated by commas, or a list of them. */
export const idsField = z
  .union([z.string(), z.number(), z.array(z.union([z.string(), z.number()]))], {
    error: "Send ids separated by commas.",
  })
  .transform((given) =>
    [given]
      .flat()
      .flatMap((entry) => String(entry).split(","))
      .map((text) => text.trim())
      .filter((text) => text !== ""),
  )
  .refine((texts) => texts.length <= 10_000, { error: "Send at most 10000 ids." })
  .refine((texts) => texts.every((text) => wireId.safeParse(text).success), {
    error: "Send ids separated by commas.",
  })
  .transform((texts) => [...new Set(texts.map(Number))])
  .optional();

/** An id in a query; some clients send every number with a decimal point. */
export const queryIdField = z
  .union([z.number(), z.string().transform((text) => text.replace(/\.0+$/, ""))])
  .pipe(wireId)
  .optional();

export const flagField = wireFlag.optional();

/** By which of `orders` a list is put in order; a minus sign reverses it. */
export function orderField<Order extends string>(orders: Readonly<Record<string, Order>>) {
  return z
    .string({ error: "Send a field." })
    .refine((text) => Object.hasOwn(orders, text.replace(/^-/, "")), {
      error: `Order by one of ${Object.keys(orders).join(", ")}; a minus sign before it reverses.`,
    })
    .transform((text) => ({
      // The refinement before has found it there.
      order: orders[text.replace(/^-/, "")] as Order,
      isDescending: text.startsWith("-"),
    }))
    .optional();
}
