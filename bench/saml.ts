/**
 * `npm run bench:saml`: CPU time from the form field to the verified e-mail address, ours against
 * node-saml, samlify, @boxyhq/saml20 and, where it is installed, pysaml2 (saml-security section 4).
 *
 * All of them read the same messages in turn, batch by batch, in one run, so that the machine's mood
 * falls on all alike; a ratio is the median of the ratios within a round. CPU time includes garbage
 * collection and the threads that decrypt. The floor is what nobody can do without: one signature
 * verification, one digest, one parse, and one private-key operation where there is encryption.
 * The last line is one JSON object.
 */
import { createHash, privateDecrypt, verify } from "node:crypto";
import type { EncryptOptions } from "../demo/encrypt-xml.ts";
import { createSigner, type Signer } from "../demo/signer.ts";
import { parseXml } from "../src/saml/xml.ts";
import { median } from "./median.ts";
import { missingForPysaml2, startPysaml2 } from "./pysaml2.ts";
import {
  boxySaml20,
  labelgate,
  nodeSaml,
  type Parties,
  type SignOn,
  samlify,
} from "./saml-peers.ts";

const rounds = 15;
const email = "ada.lovelace@contoso.com";
const messageCount = 20;

interface Scenario {
  readonly name: string;
  readonly groups: number;
  /** Entra ID sends bare values; Okta and Google type each of them, with two declarations. */
  readonly valueType: "xs:string" | null;
  readonly encryption: NonNullable<EncryptOptions["algorithm"]> | null;
  readonly keyType: "rsa2048" | "rsa3072";
  /** How many times faster than node-saml we promise to be; null promises nothing. */
  readonly bar: number | null;
}

const signed = { valueType: null, encryption: null, keyType: "rsa2048" } as const;
const gcm = { ...signed, groups: 20, encryption: "aes256-gcm" } as const;

const scenarios: readonly Scenario[] = [
  { ...signed, name: "signed, 20 groups", groups: 20, bar: 30 },
  { ...signed, name: "signed, 20 groups, typed", groups: 20, valueType: "xs:string", bar: 30 },
  { ...signed, name: "signed, 500 groups", groups: 500, bar: 40 },
  { ...signed, name: "signed, 500 groups, typed", groups: 500, valueType: "xs:string", bar: 40 },
  { ...gcm, name: "encrypted (AES-256-GCM), 20 groups", bar: 10 },
  { ...gcm, name: "encrypted (AES-256-CBC), 20 groups", encryption: "aes256-cbc", bar: 10 },
  // Our own key (PRODUCT 2.6) costs everybody more than the 2048 bits that are usual.
  { ...gcm, name: "encrypted for RSA-3072, 20 groups", keyType: "rsa3072", bar: null },
];

/** One that takes part: what a batch of messages cost it, in CPU microseconds. */
interface Contestant {
  readonly name: string;
  readonly batchSize: number;
  measure(fields: readonly string[]): Promise<number>;
}

const acsUrl = "https://label.example/saml/9f2c/acs";
const idp = createSigner({
  entityId: "https://idp.example/metadata",
  ssoUrl: "https://idp.example/sso",
});
const sps: Readonly<Record<Scenario["keyType"], Signer>> = {
  rsa2048: createSigner({ entityId: acsUrl, ssoUrl: acsUrl }),
  rsa3072: createSigner({ entityId: acsUrl, ssoUrl: acsUrl, keyType: "rsa3072" }),
};

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** A library in this process; every answer is checked. */
function inProcess(name: string, batchSize: number, signOn: SignOn): Contestant {
  return {
    name,
    batchSize,
    measure: async (fields) => {
      const startedAt = cpuMicroseconds();
      for (const field of fields) {
        const read = await signOn(field);
        if (read !== email) throw new Error(`${name} read ${String(read)}`);
      }
      return cpuMicroseconds() - startedAt;
    },
  };
}

/** Messages whose assertion is signed, as all providers can. */
function makeMessages({ groups, valueType, encryption, keyType }: Scenario): string[] {
  const names = Array.from({ length: groups }, (_, index) => `LS-Engineering-Team-${index}`);
  return Array.from({ length: messageCount }, () =>
    idp.respondBase64({
      acsUrl,
      nowMs: Date.now(),
      inResponseTo: "_4fee3b046395c4e751011e97f8900b5273d56685",
      email,
      firstName: "Ada",
      lastName: "Lovelace",
      groups: names,
      valueType,
      ...(encryption === null
        ? {}
        : { encryptFor: { certificatePem: sps[keyType].certificatePem, algorithm: encryption } }),
    }),
  );
}

/** The physical floor for one message of the scenario. */
function floor(scenario: Scenario): SignOn {
  const { encryption, keyType } = scenario;
  const [field = ""] = makeMessages({ ...scenario, encryption: null });
  const xml = Buffer.from(field, "base64");
  const signedInfo = Buffer.from(
    /<ds:SignedInfo>.*<\/ds:SignedInfo>/.exec(xml.toString())?.[0] ?? "",
  );
  const signature = Buffer.from(/SignatureValue>([^<]*)/.exec(xml.toString())?.[1] ?? "", "base64");
  const { privateKey } = sps[keyType];
  const bytes = keyType === "rsa2048" ? 256 : 384;
  const ciphertext = Buffer.alloc(bytes, 1);
  return () => {
    verify("sha256", signedInfo, idp.publicKey, signature);
    createHash("sha256").update(xml).digest();
    parseXml(xml);
    if (encryption !== null) privateDecrypt({ key: privateKey, padding: 3 }, ciphertext);
    return Promise.resolve(email);
  };
}

function contestants(scenario: Scenario): Contestant[] {
  const parties: Parties = { idp, sp: sps[scenario.keyType], acsUrl };
  const slow = scenario.groups > 100 ? 2 : 6;
  return [
    inProcess("labelgate", scenario.encryption === null ? 200 : 100, labelgate(parties)),
    inProcess("floor", 100, floor(scenario)),
    inProcess("node-saml", slow, nodeSaml(parties)),
    inProcess("samlify", slow, samlify(parties, scenario.encryption !== null)),
    inProcess("@boxyhq/saml20", slow, boxySaml20(parties)),
  ];
}

/** CPU time that each spends before anything counts, so that all of them are compiled. */
const warmUpMicroseconds = 1_500_000;

/** CPU microseconds per message and round, for each that takes part. */
async function runScenario(
  scenario: Scenario,
  taking: readonly Contestant[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  for (const contestant of taking) {
    let spent = 0;
    while (spent < warmUpMicroseconds) spent += await runBatch(contestant, makeMessages(scenario));
  }
  const costs = new Map<string, number[]>(taking.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const messages = makeMessages(scenario);
    for (const contestant of rotated(taking, round)) {
      const cost = await runBatch(contestant, messages);
      costs.get(contestant.name)?.push(cost / contestant.batchSize);
    }
  }
  return costs;
}

function runBatch(
  { batchSize, measure }: Contestant,
  messages: readonly string[],
): Promise<number> {
  const fields = Array.from(
    { length: batchSize },
    (_, index) => messages[index % messageCount] ?? "",
  );
  return measure(fields);
}

/** Nobody always runs behind the same neighbour. */
function rotated<T>(list: readonly T[], by: number): T[] {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

interface Figure {
  readonly scenario: string;
  readonly bar: number | null;
  readonly messageBytes: number;
  /** Median CPU microseconds per message. */
  readonly microseconds: Readonly<Record<string, number>>;
  /** How many times the cost of ours, median of the rounds. */
  readonly timesOurs: Readonly<Record<string, number>>;
}

function figureOf(scenario: Scenario, costs: ReadonlyMap<string, readonly number[]>): Figure {
  const ours = costs.get("labelgate") ?? [];
  const [message = ""] = makeMessages(scenario);
  const entries = [...costs];
  return {
    scenario: scenario.name,
    bar: scenario.bar,
    messageBytes: Buffer.from(message, "base64").length,
    microseconds: Object.fromEntries(
      entries.map(([name, values]) => [name, Math.round(median(values))]),
    ),
    timesOurs: Object.fromEntries(
      entries
        .filter(([name]) => name !== "labelgate")
        .map(([name, values]) => {
          const ratios = values.map((value, round) => value / (ours[round] ?? Number.NaN));
          return [name, Math.round(median(ratios) * 10) / 10];
        }),
    ),
  };
}

function print({ scenario, bar, messageBytes, microseconds, timesOurs }: Figure): void {
  console.log(`\n${scenario} (${messageBytes} bytes)`);
  for (const [name, cost] of Object.entries(microseconds)) {
    const ratio = timesOurs[name];
    const text = ratio === undefined ? "" : `${ratio.toFixed(1)} × ours`;
    console.log(`  ${name.padEnd(16)} ${String(cost).padStart(8)} µs CPU  ${text}`);
  }
  if (bar === null) return;
  const isMet = Number(timesOurs["node-saml"]) >= bar;
  console.log(`  bar: ${bar} × faster than node-saml: ${isMet ? "met" : "MISSED"}`);
}

// xml-encryption warns of CBC at every message; writing that out is no part of its work.
console.warn = () => undefined;

const missing = missingForPysaml2();
if (missing !== null) console.log(`pysaml2 is left out: ${missing}`);
const figures: Figure[] = [];
for (const scenario of scenarios) {
  const pysaml2 =
    missing === null ? await startPysaml2({ idp, sp: sps[scenario.keyType], acsUrl }) : null;
  const taking = contestants(scenario);
  if (pysaml2 !== null) {
    const measure = (fields: readonly string[]): Promise<number> => pysaml2.measure(fields, email);
    taking.push({ name: "pysaml2", batchSize: 2, measure });
  }
  try {
    const figure = figureOf(scenario, await runScenario(scenario, taking));
    print(figure);
    figures.push(figure);
  } finally {
    await pysaml2?.stop();
  }
}
console.log(JSON.stringify({ bench: "saml", node: process.version, rounds, figures }));
