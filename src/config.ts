/**
 * Environment → frozen `Config`. The only reader of process.env.
 *
 * Every variable is described once, in `variables`: that table parses, gives defaults, documents
 * (docs/configuration.md is generated from it) and is tested for drift. All problems are reported
 * together, one sentence each (PRODUCT 5). Each variable is also read as LABEL_STUDIO_<NAME>;
 * secrets also from the file that <NAME>_FILE names.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";

const truthy = new Set(["1", "true", "yes"]);
const falsy = new Set(["0", "false", "no"]);

const flag = z.string().transform((text, context): boolean => {
  const word = text.trim().toLowerCase();
  if (truthy.has(word)) return true;
  if (falsy.has(word)) return false;
  context.addIssue({ code: "custom", message: "must be 0, 1, true, false, yes or no" });
  return z.NEVER;
});

const integer = (least: number, most: number) =>
  z.string().transform((text, context): number => {
    const value = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    context.addIssue({ code: "custom", message: `must be a whole number from ${least} to ${most}` });
    return z.NEVER;
  });

const httpUrl = z.string().transform((text, context): string => {
  const url = URL.parse(text.trim());
  if (url && (url.protocol === "https:" || url.protocol === "http:")) return url.href;
  context.addIssue({ code: "custom", message: "must be an http or https URL" });
  return z.NEVER;
});
