/** From a form of this site to the identity provider's, in a real browser with the real policy. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { createSigner } from "../../demo/signer.ts";
import { defaultSamlSettings } from "../../src/access/settings-table.ts";
import { saveIdpMetadata, saveSaml } from "../../src/store/saml-save.ts";
import { openTestApp, type TestApp } from "../app.ts";
import { onEveryEngine } from "../engines.ts";
import { launchBrowser } from "./browser.ts";

/** An identity provider's page on a host of its own, which first redirects to another host. */
async function startProvider(): Promise<{ server: Server; ssoUrl: string }> {
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/sso")) {
      const { port } = server.address() as AddressInfo;
      response.writeHead(302, { location: `http://[::1]:${port}/arrived` }).end();
    } else {
      response.writeHead(200, { "content-type": "text/html" }).end("<h1>The provider</h1>");
    }
  }).listen(0, "::");
  await once(server, "listening");
  return { server, ssoUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sso` };
}

onEveryEngine("leaving for the identity provider", (engine) => {
  let t: TestApp;
  let browser: Browser;
  let provider: Awaited<ReturnType<typeof startProvider>>;
  let baseUrl = "";
  before(async () => {
    const probe = createServer().listen(0);
    await once(probe, "listening");
    const { port } = probe.address() as AddressInfo;
    probe.close();
    baseUrl = `http://localhost:${port}`;
    provider = await startProvider();
    t = await openTestApp(engine, {
      env: { BASE_URL: baseUrl, LOGOUT_REDIRECT_URL: provider.ssoUrl },
      nowMs: Date.now(),
    });
    await trustProvider(t, provider.ssoUrl);
    await t.app.listen({ port, host: "localhost" });
    browser = await launchBrowser();
  });
  after(async () => {
    await browser.close();
    provider.server.closeAllConnections();
    provider.server.close();
    await t.close();
  });

  test("the single sign-on form arrives at the provider, though forms may post to this site alone", async () => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${baseUrl}/saml/sso-domain?next=/user/account`);
    await page.fill("input[name=email]", "ada@contoso.com");
    await page.click("main button[type=submit]");
    await page.waitForURL("**/arrived");
    assert.equal(await page.textContent("h1"), "The provider");
    await page.context().close();
  });

  test("signing out arrives at LOGOUT_REDIRECT_URL on another host", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${baseUrl}/user/login`);
    await page.fill("input[name=email]", "owner@contoso.com");
    await page.fill("input[name=password]", "seven green bottles");
    await page.press("input[name=password]", "Enter");
    await page.waitForURL(`${baseUrl}/`);
    await page.click('form[action="/user/logout"] button');
    await page.waitForURL("**/arrived");
    await context.close();
  });
});

async function trustProvider(t: TestApp, ssoUrl: string): Promise<void> {
  const owner = await t.createOrganizationWithOwner({
    title: "Contoso",
    password: "seven green bottles",
  });
  const { organizationId } = owner;
  const domain = "contoso.com";
  await t.store.transaction((tx) =>
    saveSaml(tx, {
      organizationId,
      settings: { ...defaultSamlSettings, domain, domains: [domain] },
      actorUserId: owner.userId,
      at: t.clock.now(),
    }),
  );
  const signer = createSigner({ entityId: "https://idp.example", ssoUrl });
  await saveIdpMetadata(t.store.db, {
    organizationId,
    metadataUrl: "",
    xml: signer.metadataXml(),
    at: t.clock.now(),
    error: null,
  });
}
