/**
 * The edit of Label Studio's HTML (GATEWAY 10.5): one stylesheet by role before the end of the head,
 * and nothing inline, so that its content security policy needs nothing.
 */
import { badAnswer } from "./edit-tools.ts";

/**
 * The page with a link to the stylesheet.
 * @param href the address of the stylesheet
 * @throws AppError `upstream_bad_answer` for a page without a head, which could not be edited
 */
export function editPage(html: string, href: string): string {
  const end = html.search(/<\/head\s*>/i);
  if (end < 0) throw badAnswer("a page with a head");
  const link = `<link href="${escapeAttribute(href)}" rel="stylesheet">`;
  const head = html.slice(0, end);
  return head.endsWith(link) ? html : `${head}${link}${html.slice(end)}`;
}

function escapeAttribute(text: string): string {
  return text.replace(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}
