/** The copies of SAML settings that each process keeps. Reading and saving them is saml-settings.ts's. */
import type { SamlRecord } from "./saml-settings.ts";
import type { Db } from "./statement.ts";

/** At most this many organizations' records are kept per database and process. */
const maxRecords = 1000;

/** By the database's adapter: it is one object for a database and all its transactions. */
const recordsByDatabase = new WeakMap<object, Map<number, SamlRecord>>();

/**
 * The kept record of this version, else what `load` returns, kept from then on.
 *
 * Inside a transaction nothing is added unless `isCommitted` says that all of it is read as others
 * have committed it: what is not may be rolled back, and the version would then mean something else.
 */
export async function rememberRecord(
  db: Db,
  {
    organizationId,
    version,
    isCommitted = !db.isTransaction,
  }: { organizationId: number; version: number; isCommitted?: boolean },
  load: () => Promise<SamlRecord>,
): Promise<SamlRecord> {
  const records = recordsOf(db);
  const known = records.get(organizationId);
  if (known?.version === version) {
    // Last used goes last, so that the first is the one to drop.
    records.delete(organizationId);
    records.set(organizationId, known);
    return known;
  }
  const loaded = await load();
  return isCommitted ? keep(records, loaded) : loaded;
}

function recordsOf(db: Db): Map<number, SamlRecord> {
  const { adapter } = db.getExecutor();
  let records = recordsByDatabase.get(adapter);
  if (records === undefined) {
    records = new Map();
    recordsByDatabase.set(adapter, records);
  }
  return records;
}

/** Keeps the newer of two: a slow reader must not put an old version back. */
function keep(records: Map<number, SamlRecord>, loaded: SamlRecord): SamlRecord {
  const { organizationId, version } = loaded;
  const known = records.get(organizationId);
  if (known !== undefined && known.version >= version) {
    return known.version === version ? known : loaded;
  }
  records.delete(organizationId);
  records.set(organizationId, loaded);
  const [oldest] = records.keys();
  if (records.size > maxRecords && oldest !== undefined) records.delete(oldest);
  return loaded;
}
