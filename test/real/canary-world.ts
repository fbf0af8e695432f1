/**
 * What the canary sweep looks for (GATEWAY 10.8): two projects in a real Label Studio, where everything of
 * the second carries a secret word of its kind, and where within the first one another person's work
 * does. Numbers of different kinds of things never coincide, so that an answer can be compared with
 * the answer to a request for something that is not there.
 */
import { DatabaseSync } from "node:sqlite";
import { type LabelStudio, mintToken, secretWord, serviceUser } from "./label-studio.ts";

/** Secret words by what carries them. */
export type Words = ReadonlyMap<string, string>;

/** Label Studio's numbers of one of each kind of thing. */
export interface Numbers {
  readonly project: number;
  readonly task: number;
  readonly annotation: number;
  readonly draft: number;
  readonly prediction: number;
  readonly view: number;
  readonly upload: number;
  readonly export: number;
  readonly import: number;
  readonly reimport: number;
  readonly webhook: number;
  readonly ml: number;
  readonly label: number;
  readonly labelLink: number;
  readonly user: number;
  /** By the path of their kind: `s3`, `export/s3` and so on. */
  readonly storages: Readonly<Record<string, number>>;
  /** The path of an uploaded file under /data/upload. */
  readonly file: string;
}

/** The two projects. */
export interface World {
  /** The project that the people who ask have rights on. */
  readonly first: Numbers;
  /** The project that they have none on. */
  readonly second: Numbers;
  /** In the first project: the work of somebody else. */
  readonly others: Pick<Numbers, "task" | "annotation" | "draft" | "view">;
  /** Numbers of nothing, like in length to those of the second. */
  readonly absent: Numbers;
  readonly secondWords: Words;
  /** Words in the second that no answer to anybody holds (GATEWAY 10.4: secrets stay in CE). */
  readonly storedSecrets: Words;
  readonly othersWords: Words;
}

/** People of the world by the part of their address before `@`. */
export const names = ["annotator", "reviewer", "manager", "other", "stranger", "gone"] as const;

type Name = (typeof names)[number];

/** Where each kind of thing's numbers begin. */
const firstNumbers: Readonly<Record<string, number>> = {
  htx_user: 301,
  project: 401,
  task: 5_001,
  task_completion: 6_001,
  tasks_annotationdraft: 7_001,
  prediction: 8_001,
  data_manager_view: 9_001,
  data_import_fileupload: 11_001,
  data_export_export: 12_001,
  projects_projectimport: 13_001,
  projects_projectreimport: 14_001,
  webhook: 15_001,
  ml_mlbackend: 16_001,
  labels_manager_label: 17_001,
  labels_manager_labellink: 18_001,
  io_storages_s3importstorage: 19_001,
  io_storages_s3exportstorage: 20_001,
  io_storages_azureblobstoragemixin: 21_001,
  io_storages_gcsstoragemixin: 22_001,
  io_storages_redisstoragemixin: 23_001,
  io_storages_localfilesmixin: 24_001,
};

/** Adds to a number of something that is there to get one of something that is not. */
const beyond = 700;

/** Lays the world out in an empty Label Studio; `domain` is that of everybody's address. */
export async function makeWorld(labelStudio: LabelStudio, domain: string): Promise<World> {
  const database = new DatabaseSync(labelStudio.database, { timeout: 20_000 });
  try {
    for (const [table, first] of Object.entries(firstNumbers))
      startNumbersAt(database, table, first);
    const secondWords = wordsFor([
      ...["title", "description", "instruction", "config", "data", "annotation", "draft"],
      ...["prediction", "model", "tab", "filename", "filetext", "export", "import", "reimport"],
      ...["webhook", "ml", "label", "storage", "person", "drafttask"],
    ]);
    const storedSecrets = wordsFor(["password", "key", "header", "basic"]);
    const nothing = wordsFor([]);
    const people = await makePeople(labelStudio, domain, secondWords.get("person") ?? "");
    const make = async (owner: Name, words: Words, secrets: Words): Promise<Numbers> =>
      await makeProject({ labelStudio, database, people, words, secrets }, owner);
    const first = await make("manager", nothing, nothing);
    const second = await make("stranger", secondWords, storedSecrets);
    const othersWords = wordsFor(["othersAnnotation", "othersDraft", "othersTab"]);
    const others = await makeOthersWork({ labelStudio, people, words: othersWords }, first);
    const absent = mapNumbers(second, (number) => number + beyond);
    return { first, second, others, absent, secondWords, storedSecrets, othersWords };
  } finally {
    database.close();
  }
}

function wordsFor(kinds: readonly string[]): Words {
  return new Map(kinds.map((kind) => [kind, secretWord()]));
}

function mapNumbers(numbers: Numbers, change: (number: number) => number): Numbers {
  const { storages, file, ...rest } = numbers;
  const changeAll = (record: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(Object.entries(record).map(([key, number]) => [key, change(number)]));
  return {
    ...(changeAll(rest) as unknown as Omit<Numbers, "storages" | "file">),
    storages: changeAll(storages),
    file: file.replace(/^\d+/, (number) => String(change(Number(number)))),
  };
}

function startNumbersAt(database: DatabaseSync, table: string, first: number): void {
  database.prepare("DELETE FROM sqlite_sequence WHERE name = ?").run(table);
  database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)").run(table, first - 1);
}

type People = Readonly<Record<Name, number>>;

async function makePeople(
  labelStudio: LabelStudio,
  domain: string,
  strangersName: string,
): Promise<People> {
  const made: [Name, number][] = [];
  for (const name of names) {
    const email = `${name}@${domain}`;
    const { id } = await labelStudio.json<{ id: number }>(serviceUser.id, "POST", "/api/users/", {
      ...{ email, username: email, active_organization: 1 },
      first_name: name === "stranger" ? strangersName : name,
      last_name: "Person",
    });
    made.push([name, id]);
  }
  return Object.fromEntries(made) as People;
}

interface Making {
  readonly labelStudio: LabelStudio;
  readonly database: DatabaseSync;
  readonly people: People;
  readonly words: Words;
  readonly secrets: Words;
}

/** A project of `owner`'s with one of everything. */
async function makeProject(making: Making, owner: Name): Promise<Numbers> {
  const { labelStudio, people, words } = making;
  const user = people[owner];
  const word = (kind: string): string => words.get(kind) ?? `plain ${kind}`;
  const ask = async (method: string, path: string, body: unknown): Promise<{ id: number }> =>
    await labelStudio.json<{ id: number }>(user, method, path, body);
  const { id: project } = await ask("POST", "/api/projects/", {
    title: word("title"),
    description: word("description"),
    expert_instruction: word("instruction"),
    label_config: `<View><Text name="text" value="$text"/><Choices name="mood" toName="text"><Choice value="Good"/><Choice value="${word("config")}"/></Choices><TextArea name="note" toName="text"/></View>`,
  });
  const tasks: number[] = [];
  for (const text of [`one ${word("data")}`, `two ${word("drafttask")}`, "three", "four"]) {
    const { id } = await ask("POST", "/api/tasks/", { project, data: { text } });
    tasks.push(id);
  }
  const [task = 0, drafted = 0] = tasks;
  const { id: annotation } = await ask("POST", `/api/tasks/${task}/annotations/`, {
    result: note(word("annotation")),
  });
  const { id: draft } = await ask("POST", `/api/tasks/${drafted}/drafts`, {
    result: note(word("draft")),
  });
  const { id: prediction } = await ask("POST", "/api/predictions/", {
    ...{ task, result: note(word("prediction")), model_version: word("model"), score: 0.5 },
  });
  const { id: view } = await ask("POST", "/api/dm/views/", {
    project,
    data: { title: word("tab") },
  });
  const upload = await uploadFile(making, user, project);
  const { id: exported } = await ask("POST", `/api/projects/${project}/exports/`, {
    title: word("export"),
  });
  const rows = insertRows(making, { project, user });
  return {
    ...{ project, task, annotation, draft, prediction, view, export: exported, user },
    ...upload,
    ...rows,
  };
}

/** A result that the projects' labeling interface takes, with this text. */
export function note(text: string): readonly object[] {
  return [
    { from_name: "note", to_name: "text", type: "textarea", value: { text: [text] } },
    { from_name: "mood", to_name: "text", type: "choices", value: { choices: ["Good"] } },
  ];
}

async function uploadFile(
  { labelStudio, words }: Making,
  user: number,
  project: number,
): Promise<Pick<Numbers, "upload" | "file">> {
  const form = new FormData();
  const text = `text\n${words.get("filetext") ?? "plain"}\n`;
  form.append("file", new Blob([text]), `${words.get("filename") ?? "plain"}.csv`);
  const answer = await fetch(
    `${labelStudio.origin}/api/projects/${project}/import?commit_to_project=false`,
    { method: "POST", headers: { authorization: `Bearer ${mintToken(user)}` }, body: form },
  );
  if (!answer.ok) throw new Error(`the upload failed: ${answer.status} ${await answer.text()}`);
  const { file_upload_ids: ids } = (await answer.json()) as { file_upload_ids: number[] };
  const [upload = 0] = ids;
  const { file } = await labelStudio.json<{ file: string }>(
    ...([user, "GET", `/api/import/file-upload/${upload}`] as const),
  );
  return { upload, file: file.replace(/^.*upload\//, "") };
}

type Rows = Pick<
  Numbers,
  "import" | "reimport" | "webhook" | "ml" | "label" | "labelLink" | "storages"
>;

/** What Label Studio makes only for hosts that answer, written into its tables as it would. */
function insertRows(
  { database, words, secrets }: Making,
  { project, user }: { project: number; user: number },
): Rows {
  const word = (kind: string): string => words.get(kind) ?? `plain ${kind}`;
  const secret = (kind: string): string => secrets.get(kind) ?? `plain ${kind}`;
  const insert = (table: string, values: Values): number => insertRow(database, table, values);
  database
    .prepare("UPDATE project SET task_data_login = 'somebody', task_data_password = ? WHERE id = ?")
    .run(secret("password"), project);
  const label = insert("labels_manager_label", {
    ...{ title: word("label"), value: JSON.stringify([word("label")]) },
    ...{ created_by_id: user, organization_id: 1 },
  });
  return {
    label,
    import: insert("projects_projectimport", { project_id: project, url: word("import") }),
    reimport: insert("projects_projectreimport", { project_id: project, error: word("reimport") }),
    webhook: insert("webhook", {
      ...{ project_id: project, organization_id: 1, is_active: 0 },
      url: `http://hooks.invalid/${word("webhook")}`,
      headers: JSON.stringify({ Authorization: secret("header") }),
    }),
    ml: insert("ml_mlbackend", {
      ...{ project_id: project, title: word("ml"), url: `http://ml.invalid/${word("ml")}` },
      ...{ auth_method: "BASIC_AUTH", basic_auth_user: "ml", basic_auth_pass: secret("basic") },
      ...{ state: "DI", timeout: 5, error_message: word("ml") },
    }),
    labelLink: insert("labels_manager_labellink", {
      ...{ project_id: project, label_id: label, from_name: word("label") },
    }),
    storages: insertStorages(insert, {
      ...{ project, title: word("storage"), key: secret("key") },
      // Each new annotation goes to its project's export storages, whose hosts are nowhere.
      directions: words.size === 0 ? ["import"] : ["import", "export"],
    }),
  };
}

interface NewStorages {
  readonly project: number;
  readonly title: string;
  readonly key: string;
  readonly directions: readonly ("import" | "export")[];
}

function insertStorages(
  insert: (table: string, values: Values) => number,
  { project, title, key, directions }: NewStorages,
): Readonly<Record<string, number>> {
  const made: Record<string, number> = {};
  const common = { project_id: project, title, status: "initialized", description: title };
  for (const direction of directions) {
    const prefix = direction === "export" ? "export/" : "";
    made[`${prefix}s3`] = insert(`io_storages_s3${direction}storage`, {
      ...{ ...common, bucket: title, prefix: title, aws_secret_access_key: key },
      ...{ aws_access_key_id: key, aws_session_token: key },
    });
    const halves: Readonly<Record<string, Values>> = {
      azureblob: { container: title, account_name: key, account_key: key },
      gcs: { bucket: title, google_application_credentials: key },
      redis: { path: title, host: "redis.invalid", port: "6379", password: key },
      localfiles: { path: `/tmp/${title}` },
    };
    for (const [kind, values] of Object.entries(halves)) {
      const mixin = kind === "localfiles" ? "localfilesmixin" : `${kind}storagemixin`;
      const id = insert(`io_storages_${mixin}`, values);
      insert(`io_storages_${kind}${direction}storage`, { ...common, [`${mixin}_ptr_id`]: id });
      made[`${prefix}${kind === "azureblob" ? "azure" : kind}`] = id;
    }
  }
  return made;
}

type Values = Readonly<Record<string, string | number>>;

/** Inserts a row; columns that must have a value and get none get the emptiest of their type. */
function insertRow(database: DatabaseSync, table: string, values: Values): number {
  const columns = database.prepare(`PRAGMA table_info(${table})`).all() as unknown as {
    name: string;
    type: string;
    notnull: number;
    pk: number;
  }[];
  const row: Record<string, string | number> = {};
  for (const { name, type, notnull, pk } of columns) {
    const given = values[name];
    if (given !== undefined) row[name] = given;
    else if (notnull === 1 && pk === 0) row[name] = emptyOf(name, type);
  }
  const unknown = Object.keys(values).filter((name) => !(name in row));
  if (unknown.length > 0) throw new Error(`${table} has no ${unknown.join()}`);
  const keys = Object.keys(row);
  const { lastInsertRowid } = database
    .prepare(`INSERT INTO ${table} (${keys.join()}) VALUES (${keys.map(() => "?").join()})`)
    .run(...Object.values(row));
  return Number(lastInsertRowid);
}

function emptyOf(name: string, type: string): string | number {
  if (/_at$/.test(name) || /date/.test(type)) return "2026-01-01 00:00:00";
  if (/int|bool|real|numeric/i.test(type)) return 0;
  // Label Studio's JSON columns are checked by SQLite itself.
  return /^(headers|.*_ids)$/.test(name) ? "[]" : "{}";
}

interface MakingOthers {
  readonly labelStudio: LabelStudio;
  readonly people: People;
  readonly words: Words;
}

/** Somebody else's annotation, draft and tab in the first project. */
async function makeOthersWork(
  { labelStudio, people, words }: MakingOthers,
  { project, task }: Numbers,
): Promise<World["others"]> {
  const ask = async (path: string, body: unknown): Promise<{ id: number }> =>
    await labelStudio.json<{ id: number }>(people.other, "POST", path, body);
  const { id: annotation } = await ask(`/api/tasks/${task}/annotations/`, {
    ...{ result: note(words.get("othersAnnotation") ?? ""), lead_time: 77.25 },
  });
  const { id: draft } = await ask(`/api/tasks/${task}/drafts`, {
    result: note(words.get("othersDraft") ?? ""),
  });
  const { id: view } = await ask("/api/dm/views/", {
    ...{ project, data: { title: words.get("othersTab") ?? "" } },
  });
  return { task, annotation, draft, view };
}

type Row = Readonly<Record<string, unknown>>;

function readTable(database: DatabaseSync, name: string): readonly Row[] {
  const statement = database.prepare(`SELECT * FROM ${name}`);
  // Label Studio's hashes have 64 bits.
  statement.setReadBigInts(true);
  const exact = (value: unknown): unknown =>
    typeof value === "bigint" && BigInt(Number(value)) === value ? Number(value) : value;
  return statement
    .all()
    .map((row) =>
      Object.fromEntries(Object.entries(row).map(([key, value]) => [key, exact(value)])),
    );
}

/**
 * Every row of Label Studio's that belongs to a project or holds one of the words, as text by table;
 * what has changed between two calls shows which table it is in.
 */
export function rowsOf(
  labelStudio: LabelStudio,
  { project, words }: { readonly project: number; readonly words: Words },
): ReadonlyMap<string, readonly string[]> {
  const database = new DatabaseSync(labelStudio.database, { readOnly: true, timeout: 20_000 });
  try {
    const tables = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      .all() as { name: string }[];
    const all = new Map(
      tables
        .filter(({ name }) => !/^(sqlite_|django_|auth_)/.test(name))
        .map(({ name }) => [name, readTable(database, name)]),
    );
    const idsIn = (table: string): ReadonlySet<unknown> =>
      new Set(
        (all.get(table) ?? []).filter((row) => row["project_id"] === project).map((r) => r["id"]),
      );
    const parents: readonly (readonly [string, ReadonlySet<unknown>])[] = [
      ["project_id", new Set([project])],
      ["task_id", idsIn("task")],
      ["annotation_id", idsIn("task_completion")],
      ["parent_annotation_id", idsIn("task_completion")],
      ["parent_prediction_id", idsIn("prediction")],
      ["file_upload_id", idsIn("data_import_fileupload")],
      ["export_id", idsIn("data_export_export")],
      ["label_id", idsIn("labels_manager_labellink")],
      ["webhook_id", idsIn("webhook")],
    ];
    const belongs = (row: Row): boolean =>
      parents.some(([column, ids]) => row[column] !== null && ids.has(row[column]));
    const has = (text: string): boolean => [...words.values()].some((word) => text.includes(word));
    // Looking an ML backend up makes Label Studio ask its host, and write down when.
    for (const row of all.get("ml_mlbackend") ?? []) Reflect.deleteProperty(row, "updated_at");
    const kept = [...all].map(([name, rows]): [string, string[]] => [
      name,
      rows
        .map((row): [Row, string] => [
          row,
          JSON.stringify(row, (_key, value: unknown) =>
            typeof value === "bigint" ? String(value) : value,
          ),
        ])
        .filter(
          ([row, text]) =>
            (name === "project" && row["id"] === project) || belongs(row) || has(text),
        )
        .map(([, text]) => text),
    ]);
    return new Map(kept.filter(([, rows]) => rows.length > 0));
  } finally {
    database.close();
  }
}
