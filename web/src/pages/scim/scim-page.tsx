/** SCIM. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function ScimPage() {
  return <PageHeader title="SCIM" />;
}
