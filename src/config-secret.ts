/**
 * Rules for a secret key: long, varied, and none that others know. Owns the rules and their sentences;
 * which variable holds the key is config-variables.ts's business.
 */
import { z } from "zod";

const minLength = 32;
/** Of 32 random hexadecimal digits, fewer than eight different ones come up once in 25 million times. */
const minDifferent = 8;
/** A key that repeats a shorter text is as good as that text. */
const minPeriod = 16;

/** Beginnings and parts of keys in examples, with letters and digits alone. */
const samples: readonly string[] = [
  ...["changeme", "changethis", "changeit", "replaceme", "replacethis", "replacewith"],
  ...["yoursecret", "yourkey", "yourlong", "mysecretkey", "secretkeyhere", "insertyour"],
  ...["djangoinsecure", "supersecret", "topsecret", "verysecret", "donttell", "placeholder"],
  ...["examplekey", "examplesecret", "secretexample", "qwertyuiop", "password123", "letmein"],
  // Label Studio's own, for whoever sets none, and JSON web tokens' introduction.
  ...["fefwefwef13lfkpkdsjfwf2l", "your256bitsecret", "asecretkeyofatleast"],
];

/** A recipe for a good key, for the end of a sentence. */
export const keyRecipe = "`openssl rand -base64 48` makes one";

/** The end of the sentence "SECRET_KEY …" that says why this key is weak, or null. */
export function weakness(key: string): string | null {
  if (key.length < minLength) return `must have at least ${minLength} characters`;
  const reason = guessable(key);
  return reason === null ? null : `must be random, and this one ${reason}`;
}

function guessable(key: string): string | null {
  const plain = key.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  if (samples.some((sample) => plain.includes(sample))) return "is known from examples";
  if (new Set(key).size < minDifferent) {
    return `has fewer than ${minDifferent} different characters`;
  }
  if (periodOf(key) < minPeriod) return "repeats a short text";
  return stepsIn(key) * 2 > key.length ? "counts up or down" : null;
}

/** The length of the shortest text whose repetition the key is. */
function periodOf(key: string): number {
  for (let period = 1; period < key.length; period += 1) {
    if (key.startsWith(key.slice(period))) return period;
  }
  return key.length;
}

/** Counts the characters that follow the one before them in the alphabet, either way, or repeat it. */
function stepsIn(key: string): number {
  let steps = 0;
  for (let at = 1; at < key.length; at += 1) {
    if (Math.abs(key.charCodeAt(at) - key.charCodeAt(at - 1)) <= 1) steps += 1;
  }
  return steps;
}

/** A secret key of this server, kept exactly as it is. */
export const secretKeyText: z.ZodType<string, string> = z.string().superRefine((key, context) => {
  const weak = weakness(key);
  if (weak === null) return;
  const message = `${weak}; ${keyRecipe}. Where this key is in use already, give it as SECRET_KEY_PREVIOUS beside the new one`;
  context.addIssue({ code: "custom", message });
});
