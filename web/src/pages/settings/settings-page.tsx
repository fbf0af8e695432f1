/** Settings. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function SettingsPage() {
  return <PageHeader title="Settings" />;
}
