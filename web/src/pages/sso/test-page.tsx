/** Test sign-on. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function TestPage() {
  return <PageHeader title="Test sign-on" />;
}
