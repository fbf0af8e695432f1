import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { embeddedEnvironment, installEnvironment } from "./environment.ts";

const folders = { data: "/d/data", home: "/d/home", temporary: "/d/tmp", work: "/d/work" };
const environment = embeddedEnvironment(folders, { secretKey: "key", maxUploadBytes: 5 });

describe("the environment of embedded Label Studio", () => {
  test("is exactly this list: a new name in it is a decision", () => {
    assert.deepEqual(
      new Set(Object.keys(environment)),
      new Set([
        "ALLOW_ORGANIZATION_CREATION",
        "AWS_EC2_METADATA_DISABLED",
        "COLLECT_ANALYTICS",
        "DATA_UPLOAD_MAX_MEMORY_SIZE",
        "DEBUG",
        "DISABLE_SIGNUP_WITHOUT_LINK",
        "DJANGO_DB",
        "ENABLE_LOCAL_FILES_STORAGE",
        "FEATURE_FLAGS_OFFLINE",
        "FRONTEND_SENTRY_DSN",
        "HOME",
        "LABEL_STUDIO_BASE_DATA_DIR",
        "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN",
        "LANG",
        "LATEST_VERSION_CHECK",
        "LOCAL_FILES_SERVING_ENABLED",
        "LOG_LEVEL",
        "ML_BLOCK_LOCAL_IP",
        "NO_GCE_CHECK",
        "PATH",
        "SECRET_KEY",
        "SENTRY_DSN",
        "SSRF_PROTECTION_ENABLED",
        "TMPDIR",
        "USE_DEFAULT_BANNED_SUBNETS",
        "USE_NGINX_FOR_EXPORT_DOWNLOADS",
        "USE_NGINX_FOR_UPLOADS",
        "VERIFY_SSL_CERTS",
      ]),
    );
  });

  test("no local file is served or made a storage, and no local address is asked", () => {
    assert.equal(environment["LOCAL_FILES_SERVING_ENABLED"], "false");
    assert.equal(environment["ENABLE_LOCAL_FILES_STORAGE"], "false");
    assert.equal(environment["SSRF_PROTECTION_ENABLED"], "true");
    assert.equal(environment["ML_BLOCK_LOCAL_IP"], "true");
  });

  test("nobody signs up, legacy tokens open nothing, and nothing is told to others", () => {
    assert.equal(environment["DISABLE_SIGNUP_WITHOUT_LINK"], "true");
    assert.equal(environment["LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN"], "false");
    assert.equal(environment["COLLECT_ANALYTICS"], "false");
    assert.equal(environment["LATEST_VERSION_CHECK"], "false");
    assert.equal(environment["SENTRY_DSN"], "");
  });

  test("the home folder is its own, so that no cloud's credentials of this user are found", () => {
    assert.equal(environment["HOME"], "/d/home");
    assert.equal(environment["AWS_EC2_METADATA_DISABLED"], "true");
  });
});

describe("the environment of an installation", () => {
  test("names of the network and of installers pass, secrets of Labelgate do not", () => {
    const seen = installEnvironment({
      PATH: "/bin",
      HTTPS_PROXY: "http://proxy:3128",
      https_proxy: "http://proxy:3128",
      PIP_INDEX_URL: "https://pypi.example.com/simple",
      UV_CACHE_DIR: "/cache",
      SECRET_KEY: "secret",
      DATABASE_URL: "postgres://user:password@host/db",
      LABELGATE_OWNER_PASSWORD: "secret",
      SMTP_URL: "smtp://user:password@mail",
      PYTHONPATH: "/evil",
      LD_PRELOAD: "/evil.so",
    });
    assert.deepEqual(
      new Set(Object.keys(seen)),
      new Set([
        "HTTPS_PROXY",
        "PATH",
        "PIP_DISABLE_PIP_VERSION_CHECK",
        "PIP_INDEX_URL",
        "PIP_NO_INPUT",
        "UV_CACHE_DIR",
        "https_proxy",
      ]),
    );
  });
});
