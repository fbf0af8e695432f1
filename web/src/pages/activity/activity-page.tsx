/** Activity log. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function ActivityPage() {
  return <PageHeader title="Activity log" />;
}
