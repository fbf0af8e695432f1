/**
 * The `domain` setting: which mail domains belong to an organization (PRODUCT 6.2, 4.9).
 * Owns spelling and the refusal of public mail providers; whether another organization claims a
 * domain is save.ts's question to the store.
 */
import { domainToASCII } from "node:url";

/** More would be a mistake, and each costs a look-up when saving. */
const maxDomains = 500;

/**
 * Providers where anybody gets an address. An organization that claimed one could sign in as
 * strangers. Families are registered under many country endings and are matched by first label.
 */
const publicFamilies: ReadonlySet<string> = new Set(
  "gmail googlemail yahoo ymail rocketmail hotmail outlook msn gmx aol yandex".split(" "),
);

const publicDomains: ReadonlySet<string> = new Set(
  `
  126.com 139.com 163.com 189.cn 1und1.de 21cn.com aim.com aliyun.com alice.it arcor.de att.net
  bellsouth.net bigpond.com bk.ru bluewin.ch bol.com.br btinternet.com btopenworld.com centrum.cz
  charter.net chello.at comcast.net cox.net daum.net duck.com earthlink.net email.com email.cz
  email.it engineer.com fastmail.com fastmail.fm fastmail.net foxmail.com free.fr
  freemail.hu freenet.de frontier.com gawab.com globo.com gmx.com hanmail.net hey.com home.nl
  hotmail.com hushmail.com icloud.com ig.com.br inbox.com inbox.lv inbox.ru indiatimes.com interia.pl
  iinet.net.au juno.com keemail.me kakao.com laposte.net libero.it list.ru live.at live.be live.ca live.ch live.cl live.cn live.co.uk live.co.za live.com live.com.ar
  live.com.au live.com.mx live.com.pt live.com.sg live.de live.dk live.fi live.fr live.ie live.in live.it
  live.jp live.nl live.no live.ru live.se lycos.com mac.com
  mail.com mail.de mail.ee mail.ru mailbox.org mailfence.com mailinator.com me.com mindspring.com
  naver.com nate.com neuf.fr netscape.net netzero.net ntlworld.com o2.pl online.de onet.pl optonline.net
  optusnet.com.au orange.fr passport.com pm.me post.cz posteo.de posteo.net protonmail.ch
  protonmail.com proton.me qq.com rambler.ru rediffmail.com roadrunner.com rogers.com runbox.com
  sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.cn sina.com sky.com skynet.be sohu.com
  startmail.com sympatico.ca t-online.de talktalk.net telefonica.net telenet.be telia.com terra.com.br
  terra.es tin.it tiscali.it tom.com tuta.com tuta.io tutanota.com tutanota.de tutamail.com ukr.net
  uol.com.br usa.com verizon.net virgilio.it virgin.net virginmedia.com vodafone.it voila.fr wanadoo.fr
  web.de windowslive.com wp.pl xs4all.nl xtra.co.nz ya.ru yahoo.com yandex.com yeah.net zoho.com
  zohomail.com zohomail.eu ziggo.nl
  `
    .trim()
    .split(/\s+/),
);

/** `com`, a country, or a country's second level: what follows a provider's name. */
const familyEnding = /^(?:com|net|org|[a-z]{2}|com?\.[a-z]{2}|com\.[a-z]{2})$/;

const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** The outcome of reading the list: canonical domains, or one sentence for each that is wrong. */
export interface ParsedDomains {
  readonly domains: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Reads a list of domains: commas, semicolons or white space between them, a leading `@` and a final
 * dot forgiven, letters lower-cased, international names in their ASCII form, duplicates collapsed.
 */
export function parseDomains(text: string): ParsedDomains {
  const entries = text.split(/[\s,;]+/).filter((entry) => entry !== "");
  if (entries.length > maxDomains) {
    return { domains: [], problems: [`Enter at most ${maxDomains} domains.`] };
  }
  const domains = new Set<string>();
  const problems = new Set<string>();
  for (const entry of entries) {
    const domain = canonicalDomain(entry);
    if (domain === null) problems.add(malformed(entry));
    else if (isPublicMailDomain(domain)) problems.add(publicSentence(domain));
    else domains.add(domain);
  }
  return { domains: [...domains], problems: [...problems] };
}

/** Lower-case ASCII form of a mail domain of at least two labels, or null where it is none. */
export function canonicalDomain(entry: string): string | null {
  const bare = entry.replace(/^@/, "").replace(/\.$/, "");
  // The ASCII conversion below follows URL rules, which would also decode and cut; refuse that first.
  if (!/^[\p{L}\p{M}\p{N}.\u00b7\u30fb-]+$/u.test(bare)) return null;
  const ascii = domainToASCII(bare).toLowerCase();
  const labels = ascii.split(".");
  const isWellFormed =
    ascii.length <= 253 && labels.length >= 2 && labels.every((label) => labelPattern.test(label));
  const isAddress = /^\d+$/.test(labels.at(-1) ?? "");
  return isWellFormed && !isAddress ? ascii : null;
}

/** True where anybody may have an address of this canonical domain. */
export function isPublicMailDomain(domain: string): boolean {
  if (publicDomains.has(domain)) return true;
  const dot = domain.indexOf(".");
  return publicFamilies.has(domain.slice(0, dot)) && familyEnding.test(domain.slice(dot + 1));
}

function malformed(entry: string): string {
  const shown = entry.length > 80 ? `${entry.slice(0, 80)}…` : entry;
  const afterAt = entry.includes("@", 1)
    ? canonicalDomain(entry.slice(entry.lastIndexOf("@")))
    : null;
  return afterAt === null
    ? `"${shown}" is not a mail domain; enter one such as contoso.com.`
    : `"${shown}" is an address; enter only its domain, ${afterAt}.`;
}

function publicSentence(domain: string): string {
  return `${domain} is a public mail provider, where anybody can have an address; enter a domain of your organization.`;
}
