/** Members. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function MembersPage() {
  return <PageHeader title="Members" />;
}
