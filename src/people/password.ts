/**
 * Passwords as such: what may be one, how it is kept, whether a given one fits (PRODUCT 9.6).
 * Owns argon2id and the text that is stored. Who may try, and how often, is sign-in.ts's business.
 *
 * Stored is a PHC string, "$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>": it carries its own
 * parameters, so they can be raised later and each password follows at its next sign-in.
 */
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { AppError } from "../errors.ts";

const deriveArgon2 = promisify(argon2);

/** Lengths count characters after normalization. NIST SP 800-63B asks for at least 8 and 64. */
export const passwordLength = { least: 8, most: 128 } as const;

interface Cost {
  readonly memoryKib: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane. */
const currentCost: Cost = { memoryKib: 19_456, passes: 2, parallelism: 1 };
const saltBytes = 16;
const hashBytes = 32;

const phcRe =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{22,86})$/;

/** A sentence that says what is wrong with a new password, or null where it may be one. */
export function passwordProblem(password: string, email = ""): string | null {
  const length = [...normalize(password)].length;
  if (length < passwordLength.least) {
    return `Please use at least ${passwordLength.least} characters.`;
  }
  if (length > passwordLength.most) {
    return `Please use at most ${passwordLength.most} characters.`;
  }
  const folded = normalize(password).toLowerCase();
  if (email !== "" && (folded === email || folded === email.split("@")[0])) {
    return "Please choose a password that is not your e-mail address.";
  }
  if (/^(.)\1*$/su.test(folded) || tooCommon.has(folded)) {
    return "This password is among the first that anybody would try. Please choose another.";
  }
  return null;
}

/** Passwords that everybody tries first; longer lists belong to an identity provider. */
const tooCommon: ReadonlySet<string> = new Set([
  "12345678",
  "123456789",
  "1234567890",
  "password",
  "password1",
  "password123",
  "passw0rd",
  "qwertyui",
  "qwertyuiop",
  "qwerty123",
  "11223344",
  "abcd1234",
  "abc12345",
  "iloveyou",
  "letmein1",
  "sunshine",
  "changeme",
  "welcome1",
  "admin123",
  "labelgate",
  "labelstudio",
]);

/**
 * The PHC string to store for a password that `passwordProblem` finds nothing against.
 * @throws AppError `too_many_requests` where too many wait for theirs
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(saltBytes);
  const hash = await derive(password, salt, { cost: currentCost, length: hashBytes });
  const { memoryKib, passes, parallelism } = currentCost;
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Result of checking a password; `needsUpgrade` where it fits but is stored with former parameters. */
export type PasswordVerdict = { readonly fits: boolean; readonly needsUpgrade: boolean };

/**
 * Compares `password` with the one stored. `stored` is null for an unknown account or one without a
 * password: the same work is done for nothing, so that the time taken tells neither.
 * @throws AppError `too_many_requests` where too many wait for theirs
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
): Promise<PasswordVerdict> {
  const parsed = stored === null ? null : parsePhc(stored);
  // Longer than any password can be: not worth hashing, whatever the account.
  const isTooLong = password.length > passwordLength.most * 4;
  const { salt, hash, cost } = parsed ?? dummy;
  const candidate = await derive(isTooLong ? "" : password, salt, { cost, length: hash.length });
  const isEqual = timingSafeEqual(candidate, hash);
  const fits = isEqual && parsed !== null && !isTooLong;
  return { fits, needsUpgrade: fits && !isCurrent(cost) };
}

interface ParsedPhc {
  readonly cost: Cost;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const dummy: ParsedPhc = {
  cost: currentCost,
  salt: randomBytes(saltBytes),
  hash: randomBytes(hashBytes),
};

function parsePhc(text: string): ParsedPhc {
  const match = phcRe.exec(text);
  if (match === null) throw new Error("a stored password is not an argon2id PHC string");
  const [, memory, passes, parallelism, salt = "", hash = ""] = match;
  const cost = {
    memoryKib: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
  };
  return { cost, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") };
}

function isCurrent(cost: Cost): boolean {
  return (
    cost.memoryKib === currentCost.memoryKib &&
    cost.passes === currentCost.passes &&
    cost.parallelism === currentCost.parallelism
  );
}

/** The same password typed on another keyboard must be the same bytes (NIST SP 800-63B 5.1.1.2). */
function normalize(password: string): string {
  return password.normalize("NFKC");
}

/** Half of the threads that node has for this; decryption and name look-ups need some too. */
const maxRunning = 2;
/** Whoever would wait longer is told so instead, else a few addresses could hold everybody up. */
const maxWaiting = 256;
let running = 0;
const waiting: (() => void)[] = [];

async function derive(
  password: string,
  salt: Buffer,
  { cost, length }: { cost: Cost; length: number },
): Promise<Buffer> {
  await takeTurn();
  try {
    return await deriveArgon2("argon2id", {
      message: normalize(password),
      nonce: salt,
      memory: cost.memoryKib,
      passes: cost.passes,
      parallelism: cost.parallelism,
      tagLength: length,
    });
  } finally {
    // The turn goes to who waits longest, without ever being free for others to take.
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

async function takeTurn(): Promise<void> {
  if (running < maxRunning) {
    running += 1;
    return;
  }
  if (waiting.length >= maxWaiting) throw new AppError("too_many_requests");
  await new Promise<void>((resolve) => {
    waiting.push(resolve);
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}
