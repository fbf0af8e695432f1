/** SSO & SAML. */
import { PageHeader } from "../../ui/page-header.tsx";

/** The page. */
export function SsoPage() {
  return <PageHeader title="SSO & SAML" />;
}
