/**
 * The environment of embedded Label Studio, written from a list and never inherited (GATEWAY 10.1):
 * one variable of Labelgate's more, such as a database address or the root of local files, and a
 * Manager's storage reads what Labelgate's process may read. Also the short list that an installation
 * may see. Pure: folders and secrets are given.
 */

/** Folders of one embedded Label Studio, absolute. */
export interface EmbeddedFolders {
  /** Its database and uploaded files. */
  readonly data: string;
  /** Home folder, empty but for caches: no credentials of a cloud are found in it. */
  readonly home: string;
  readonly temporary: string;
  /** Working directory, empty. */
  readonly work: string;
}

type Variables = Readonly<Record<string, string>>;

/** Guards against requests into this machine and its network, and doors that Labelgate opens in their place. */
const guards: Variables = {
  LOCAL_FILES_SERVING_ENABLED: "false",
  ENABLE_LOCAL_FILES_STORAGE: "false",
  SSRF_PROTECTION_ENABLED: "true",
  USE_DEFAULT_BANNED_SUBNETS: "true",
  ML_BLOCK_LOCAL_IP: "true",
  VERIFY_SSL_CERTS: "true",
  DISABLE_SIGNUP_WITHOUT_LINK: "true",
  ALLOW_ORGANIZATION_CREATION: "false",
  LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN: "false",
  // A storage without keys must not use those of the machine: no metadata service is asked for any.
  AWS_EC2_METADATA_DISABLED: "true",
  NO_GCE_CHECK: "true",
};

/** Nothing is told to others, and no answer of ours is left to a server in front. */
const quiet: Variables = {
  COLLECT_ANALYTICS: "false",
  LATEST_VERSION_CHECK: "false",
  SENTRY_DSN: "",
  FRONTEND_SENTRY_DSN: "",
  FEATURE_FLAGS_OFFLINE: "true",
  USE_NGINX_FOR_UPLOADS: "false",
  USE_NGINX_FOR_EXPORT_DOWNLOADS: "false",
  DEBUG: "false",
  LOG_LEVEL: "WARNING",
};

/** Every variable that embedded Label Studio sees. `maxUploadBytes` is UPSTREAM_MAX_UPLOAD_BYTES. */
export function embeddedEnvironment(
  folders: EmbeddedFolders,
  { secretKey, maxUploadBytes }: { readonly secretKey: string; readonly maxUploadBytes: number },
): Variables {
  return {
    ...guards,
    ...quiet,
    PATH: "/usr/bin:/bin",
    HOME: folders.home,
    TMPDIR: folders.temporary,
    LANG: "C.UTF-8",
    SECRET_KEY: secretKey,
    DJANGO_DB: "sqlite",
    LABEL_STUDIO_BASE_DATA_DIR: folders.data,
    DATA_UPLOAD_MAX_MEMORY_SIZE: String(maxUploadBytes),
  };
}

/**
 * The variables by which Python, the network and the package index are found; nothing of Labelgate's own.
 */
const forInstallers =
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|LANG|LC_\w+|XDG_\w+|PYENV_\w+|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|PIP_\w+|UV_\w+)$/i;

/** The part of `env` that uv, pip and Python may see while they install. */
export function installEnvironment(env: Readonly<Record<string, string | undefined>>): Variables {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && forInstallers.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), PIP_DISABLE_PIP_VERSION_CHECK: "1", PIP_NO_INPUT: "1" };
}
