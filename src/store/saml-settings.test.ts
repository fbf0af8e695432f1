import assert from "node:assert/strict";
import { test } from "node:test";
import { onEveryEngine } from "../../test/engines.ts";
import { seedOrganization } from "../../test/seed.ts";
import { defaultSamlSettings, type SamlSettings } from "../access/settings-table.ts";
import { AppError } from "../errors.ts";
import { updateOrganization } from "./organizations.ts";
import { listRevisions } from "./revisions.ts";
import { saveIdpMetadata, saveSaml } from "./saml-save.ts";
import {
  findOrganizationByDomain,
  listSamlDueForRefresh,
  loadSamlByOrganization,
  loadSamlByToken,
  lockSaml,
} from "./saml-settings.ts";
import { loadScimSettings, saveScimSettings } from "./scim-settings.ts";
import { type Db, migrate } from "./store.ts";

const full: SamlSettings = {
  ...defaultSamlSettings,
  domain: "Contoso.com, fabrikam.com",
  domains: ["contoso.com", "fabrikam.com"],
  metadataUrl: "https://idp.example/metadata",
  metadataXml: "<x/>",
  idpProvider: "okta",
  mappingEmail: "email",
  mappingFirstName: "",
  mappingLastName: "lastName",
  mappingGroups: "groups",
  nameIdFormat: "emailAddress",
  manualRoleManagement: false,
  roles: [{ role: "AD", group: "LS-Admins" }],
  workspaces: [{ workspace: "Zoo", group: "keepers" }],
  projects: [{ projectId: 7, group: "birds", role: "RE" }],
  userTypes: [{ seatType: "View Only", group: "guests" }],
  allowUnsolicited: true,
  wantAssertionsSigned: false,
  wantResponseSigned: null,
  allowSha1: true,
  allowCbc: true,
  disablePasswordLogin: true,
};

const { metadataUrl } = full;

const save = (tx: Db, organizationId: number, settings: SamlSettings) =>
  saveSaml(tx, { organizationId, settings, actorUserId: null, at: 5 });

onEveryEngine("SAML settings", (engine) => {
  test("of a new organization are the defaults", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const record = await loadSamlByOrganization(store.db, id);
    assert.deepEqual(record.settings, defaultSamlSettings);
    assert.deepEqual(record.organization, {
      title: "Contoso",
      defaultRole: "AN",
      isFirst: true,
    });
    assert.equal(record.idpMetadata, null);
  });

  test("come back as they were saved, with a revision", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    await store.transaction((tx) => save(tx, id, full));
    const { settings, token } = await loadSamlByOrganization(store.db, id);
    assert.deepEqual(settings, full);
    assert.deepEqual((await loadSamlByToken(store.db, token))?.settings, full);
    await store.transaction((tx) => save(tx, id, full));
    const revisions = await listRevisions(store.db, { organizationId: id, kind: "saml" });
    assert.equal(revisions.length, 1);
    assert.deepEqual(revisions[0]?.before, defaultSamlSettings);
    assert.deepEqual(revisions[0]?.after, full);
  });

  test("of the same version are the same object, of another version another", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const first = await loadSamlByOrganization(store.db, id);
    assert.equal(await loadSamlByToken(store.db, first.token), first);
    const changes: readonly ((tx: Db) => Promise<void>)[] = [
      (tx) => save(tx, id, full),
      (tx) =>
        saveIdpMetadata(tx, { organizationId: id, metadataUrl, xml: "<m/>", at: 6, error: null }),
      (tx) =>
        saveIdpMetadata(tx, { organizationId: id, metadataUrl, xml: null, at: 7, error: "down" }),
      (tx) => updateOrganization(tx, id, { title: "Fabrikam", defaultRole: "NO" }),
    ];
    let former = first;
    for (const change of changes) {
      await store.transaction(change);
      const next = await loadSamlByOrganization(store.db, id);
      assert.notEqual(next, former);
      assert.ok(next.version > former.version);
      former = next;
    }
    assert.equal(former.idpMetadata, "<m/>");
    assert.deepEqual(
      [former.idpMetadataFetchedAt, former.idpMetadataCheckedAt, former.idpMetadataError],
      [6, 7, "down"],
    );
    assert.deepEqual(former.organization, {
      title: "Fabrikam",
      defaultRole: "NO",
      isFirst: true,
    });
  });

  test("that were rolled back are never mistaken for what was saved later", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    await assert.rejects(
      store.transaction(async (tx) => {
        await save(tx, id, full);
        assert.deepEqual((await loadSamlByOrganization(tx, id)).settings, full);
        throw new Error("stop");
      }),
      /stop/,
    );
    const other = { ...full, idpProvider: "auth0" };
    await store.transaction((tx) => save(tx, id, other));
    assert.equal((await loadSamlByOrganization(store.db, id)).settings.idpProvider, "auth0");
  });

  test("are new for whoever asks after they were saved, however many ask at once", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const { token } = await loadSamlByOrganization(store.db, id);
    const askSixteen = () =>
      Promise.all(Array.from({ length: 16 }, () => loadSamlByToken(store.db, token)));
    for (let round = 0; round < 20; round += 1) {
      const early = askSixteen();
      const idpProvider = `provider-${round}`;
      await store.transaction((tx) => save(tx, id, { ...full, idpProvider }));
      const late = await askSixteen();
      assert.deepEqual(
        [...new Set(late.map((found) => found?.settings.idpProvider))],
        [idpProvider],
      );
      // Who asked before may have found either, all of one turn the same.
      assert.equal(new Set(await early).size, 1);
    }
  });

  test("are asked for by a stranger's token together with a known one, and each has its answer", async () => {
    const store = await engine.open();
    const { token } = await loadSamlByOrganization(store.db, await seedOrganization(store));
    const found = await Promise.all(
      [token, "0".repeat(32), token].map((one) => loadSamlByToken(store.db, one)),
    );
    assert.deepEqual(
      found.map((record) => record?.token ?? null),
      [token, null, token],
    );
  });

  test("saved by another replica are seen at the next look", async () => {
    const options = await engine.create();
    const one = await engine.openAt(options);
    await migrate(one);
    const id = await seedOrganization(one);
    const two = await engine.openAt(options);
    assert.equal((await loadSamlByOrganization(two.db, id)).settings.idpProvider, null);
    await one.transaction((tx) => save(tx, id, full));
    assert.equal((await loadSamlByOrganization(two.db, id)).settings.idpProvider, "okta");
  });

  test("of an unknown token are none", async () => {
    const store = await engine.open();
    await seedOrganization(store);
    assert.equal(await loadSamlByToken(store.db, "unknown"), null);
  });

  test("claim domains for one organization; a clash names the domain and saves nothing", async () => {
    const store = await engine.open();
    const [first, second] = [await seedOrganization(store), await seedOrganization(store)];
    await store.transaction((tx) => save(tx, first, full));
    const { token } = await loadSamlByOrganization(store.db, first);
    assert.deepEqual(await findOrganizationByDomain(store.db, "fabrikam.com"), {
      organizationId: first,
      token,
    });
    const greedy = { ...full, domains: ["other.com", "contoso.com"] };
    await assert.rejects(
      store.transaction((tx) => save(tx, second, greedy)),
      (error) => {
        assert.ok(error instanceof AppError);
        assert.equal(error.code, "validation_failed");
        assert.match(error.fields?.["domain"]?.[0] ?? "", /^contoso\.com is already claimed/);
        return true;
      },
    );
    assert.equal(await findOrganizationByDomain(store.db, "other.com"), null);
    assert.deepEqual(
      (await loadSamlByOrganization(store.db, second)).settings,
      defaultSamlSettings,
    );
    await store.transaction((tx) => save(tx, first, { ...full, domains: [] }));
    await store.transaction((tx) => save(tx, second, greedy));
    assert.equal((await findOrganizationByDomain(store.db, "contoso.com"))?.organizationId, second);
  });

  test("claimed by two organizations at once are given to one", async () => {
    const store = await engine.open();
    const ids = [await seedOrganization(store), await seedOrganization(store)];
    const outcomes = await Promise.allSettled(
      ids.map((id, index) =>
        store.transaction((tx) =>
          save(tx, id, {
            ...full,
            domains: index === 0 ? ["a.com", "b.com"] : ["b.com", "a.com"],
          }),
        ),
      ),
    );
    assert.equal(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
  });

  test("saved by two administrators at once both count, one after the other", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const change = (part: Partial<SamlSettings>) =>
      store.transaction(async (tx) => {
        const { settings } = await lockSaml(tx, id);
        await new Promise((resolve) => setImmediate(resolve));
        await save(tx, id, { ...settings, ...part });
      });
    await Promise.all([change({ idpProvider: "okta" }), change({ allowSha1: true })]);
    const { settings } = await loadSamlByOrganization(store.db, id);
    assert.deepEqual([settings.idpProvider, settings.allowSha1], ["okta", true]);
  });

  test("are due for a refresh once their copy is old, and wait after each try", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    await seedOrganization(store, "without a metadata URL");
    await store.transaction((tx) => save(tx, id, full));
    const due = async (readBefore: number, neverReadBefore: number) =>
      (await listSamlDueForRefresh(store.db, { readBefore, neverReadBefore })).map(
        ({ organizationId }) => organizationId,
      );
    assert.deepEqual(await due(0, 0), [id]);
    await saveIdpMetadata(store.db, {
      organizationId: id,
      metadataUrl,
      xml: null,
      at: 100,
      error: "down",
    });
    assert.deepEqual(await due(100, 100), []);
    assert.deepEqual(await due(100, 101), [id]);
    await saveIdpMetadata(store.db, {
      organizationId: id,
      metadataUrl,
      xml: "<m/>",
      at: 200,
      error: null,
    });
    assert.deepEqual(await due(200, 300), []);
    assert.deepEqual(await due(201, 300), [id]);
  });
});

onEveryEngine("metadata read from an address", (engine) => {
  test("that was replaced meanwhile changes nothing", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    await store.transaction((tx) => save(tx, id, full));
    const stale = { organizationId: id, metadataUrl: "https://former.example/", at: 9 };
    await saveIdpMetadata(store.db, { ...stale, xml: "<former/>", error: null });
    const { idpMetadata, idpMetadataCheckedAt } = await loadSamlByOrganization(store.db, id);
    assert.deepEqual([idpMetadata, idpMetadataCheckedAt], [null, null]);
  });
});

onEveryEngine("SCIM settings", (engine) => {
  test("are empty at first, come back as saved, and leave a revision", async () => {
    const store = await engine.open();
    const id = await seedOrganization(store);
    const { roles, workspaces, projects, userTypes } = full;
    const empty = { roles: [], workspaces: [], projects: [], userTypes: [] };
    assert.deepEqual(await loadScimSettings(store.db, id), empty);
    const settings = { roles, workspaces, projects, userTypes };
    const saving = { organizationId: id, settings, actorUserId: null, at: 1 };
    await store.transaction((tx) => saveScimSettings(tx, saving));
    assert.deepEqual(await loadScimSettings(store.db, id), settings);
    const revisions = await listRevisions(store.db, { organizationId: id, kind: "scim" });
    assert.deepEqual(
      revisions.map(({ before, after }) => [before, after]),
      [[empty, settings]],
    );
  });
});
