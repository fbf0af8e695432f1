/** Member. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function MemberPage() {
  return <PageHeader title="Member" />;
}
