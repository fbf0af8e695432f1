import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseConfig } from "../config.ts";
import { AppError } from "../errors.ts";
import { refuseOtherSites, refuseStudioScripts } from "./origin-guard.ts";

const first = "https://labels.example.com";
const studio = "https://studio.example.com";
const config = parseConfig({
  SECRET_KEY: "a secret key for tests, of sufficient length",
  BASE_URL: first,
  UPSTREAM_URL: "http://127.0.0.1:9",
  UPSTREAM_SECRET_KEY: "x",
  UPSTREAM_PUBLIC_URL: studio,
});
const alone = { ...config, upstreamPublicUrl: "" };
const refused = (error: unknown) => error instanceof AppError && error.code === "csrf_failed";

describe("the origin guard", () => {
  test("the first host takes its own pages and programs, and the studio's pages are strangers", () => {
    for (const headers of [
      {},
      { origin: first },
      { origin: first, "sec-fetch-site": "same-origin" },
      { "sec-fetch-site": "none" },
    ]) {
      refuseOtherSites(headers, config);
    }
    for (const headers of [
      { origin: studio },
      { origin: "null" },
      { origin: `${first}.evil.example` },
      { origin: first.toUpperCase() },
      { origin: first, "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
    ]) {
      assert.throws(() => refuseOtherSites(headers, config), refused, JSON.stringify(headers));
    }
  });

  test("the studio's host takes its own pages and the first host's", () => {
    for (const headers of [
      { origin: studio },
      { origin: first, "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "same-origin" },
    ]) {
      refuseOtherSites(headers, config, "studio");
    }
    for (const headers of [
      { origin: "https://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      assert.throws(() => refuseOtherSites(headers, config, "studio"), refused);
    }
  });

  test("the refusal says what came, what was expected and which variable to change", () => {
    assert.throws(
      () => refuseOtherSites({ origin: "http://labels.example.com" }, alone),
      (error) =>
        error instanceof AppError &&
        error.detail ===
          `The request came from another site (Origin: http://labels.example.com). This one must be opened at ${first} (BASE_URL).`,
    );
  });

  test("a script of the studio's reaches nothing of the first host's, a link does", () => {
    const link = {
      "sec-fetch-site": "same-site",
      "sec-fetch-mode": "navigate",
      "sec-fetch-dest": "document",
    };
    refuseStudioScripts(link, config);
    refuseStudioScripts({ "sec-fetch-site": "same-origin" }, config);
    refuseStudioScripts({}, config);
    for (const headers of [
      { origin: studio },
      { "sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script" },
      { ...link, "sec-fetch-dest": "iframe" },
      { ...link, origin: studio },
    ]) {
      assert.throws(() => refuseStudioScripts(headers, config), refused, JSON.stringify(headers));
      refuseStudioScripts(headers, alone);
    }
  });
});
