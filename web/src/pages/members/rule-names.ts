/** Names of the rules that decide about people's access; their numbers are the product's. */

const names: Readonly<Record<string, string>> = {
  "1.2": "An account is one e-mail address",
  "1.3": "A role lasts until somebody sets another",
  "1.4": "A membership lasts while any source grants it",
  "1.5": "The effective project role is the higher one",
  "1.7": "Seats: who comes when all are taken waits",
  "3.3": "Groups are all values of the attribute",
  "4.2": "The most elevated matching role wins",
  "4.3": "Mapped workspaces are made when first needed",
  "4.4": "Project mappings, of which the most elevated wins",
  "4.5": "Every sign-on brings access to what the groups grant",
  "4.6": "The role follows the role mappings",
  "4.7": "Workspaces follow the workspace mappings",
  "4.8": "Projects follow the project mappings",
  "4.9": "A first sign-on makes the account",
  "6.3": "A reset leaves what was given, now by hand",
  "7.4": "Provisioning makes and deactivates people",
  "7.5": "Pushed groups give roles, workspaces and projects",
  "7.6": "Provisioning never touches the Owner",
  "9.4": "The recovery command",
};

/** The rule of this number in words, with the number. */
export function ruleName(rule: string): string {
  const name = names[rule];
  return name === undefined ? `Rule ${rule}` : `${name} (rule ${rule})`;
}
