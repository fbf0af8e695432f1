/**
 * Okta's own test files: steps of requests, each with what its answer must say, and variables that
 * later steps fill in. Who answers a request, the test decides.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { roughCostOf } from "../cost.ts";

interface OktaAssertion {
  readonly comparison: string;
  readonly source: "response_status" | "response_json" | "response_time";
  readonly property?: string;
  readonly value: string | number | null;
}

interface OktaStep {
  readonly step_type: "request" | "pause";
  readonly note: string;
  readonly method: string;
  readonly url: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly assertions: readonly OktaAssertion[];
  readonly variables: readonly { readonly name: string | null; readonly property: string }[];
}

/** A step's request, its variables filled in. */
export interface OktaRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

export interface OktaAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** `Resources[0].name.familyName` */
function at(body: unknown, path: string): unknown {
  const steps = path.split(/[.[\]]+/).filter(Boolean);
  return steps.reduce<unknown>(
    (value, step) => (value as Readonly<Record<string, unknown>> | undefined)?.[step],
    body,
  );
}

const checks: Readonly<Record<string, (actual: unknown, wanted: string) => boolean>> = {
  equal: (actual, wanted) => String(actual) === wanted,
  equal_number: (actual, wanted) => Number(actual) === Number(wanted),
  not_empty: (actual) => actual !== undefined && actual !== null && actual !== "",
  has_value: (actual, wanted) => Array.isArray(actual) && actual.includes(wanted),
  contains: (actual, wanted) => JSON.stringify(actual).includes(wanted),
  is_a_number: (actual) => typeof actual === "number",
  is_less_than: (actual, wanted) => Number(actual) < Number(wanted),
};

/** Runs the file's steps in order, those too that it marks as skipped; how many assertions held. */
export async function runOktaFile(
  name: string,
  given: Readonly<Record<string, string>>,
  answer: (request: OktaRequest) => Promise<OktaAnswer>,
): Promise<number> {
  const file = new URL(`../fixtures/scim/${name}`, import.meta.url);
  const { steps } = JSON.parse(readFileSync(file, "utf8")) as { steps: readonly OktaStep[] };
  const variables = new Map(Object.entries(given));
  const fill = (text: string) =>
    text.replaceAll(/\{\{(\w+)\}\}/g, (_, variable: string) => variables.get(variable) ?? "");
  let passed = 0;
  for (const step of steps.filter((one) => one.step_type === "request")) {
    const headers = Object.entries(step.headers).map(
      ([header, value]) => [header.toLowerCase(), fill([value].flat()[0] ?? "")] as const,
    );
    const answered: OktaAnswer[] = [];
    const cost = await roughCostOf(async () => {
      const one = await answer({
        method: step.method,
        url: fill(step.url),
        headers: Object.fromEntries(headers),
        body: step.body === undefined || step.body === "" ? undefined : fill(step.body),
      });
      answered.push(one);
    });
    const [{ status, body } = { status: 0, body: null }] = answered;
    const sources = {
      response_status: () => status,
      // Okta's limit is in milliseconds; what the work costs does not depend on what else runs.
      response_time: () => cost,
      response_json: (property = "") => at(body, property),
    };
    for (const { comparison, source, property, value } of step.assertions) {
      const actual = sources[source](property);
      const isRight = checks[comparison]?.(actual, fill(String(value ?? "")));
      assert.equal(isRight, true, `${step.note}: ${property} ${comparison} ${value}: ${actual}`);
      passed += 1;
    }
    for (const { name: variable, property } of step.variables) {
      if (variable !== null) variables.set(variable, String(at(body, property)));
    }
  }
  return passed;
}
