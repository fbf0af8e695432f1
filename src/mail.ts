/**
 * Mail, which is optional (PRODUCT 9.7): whoever has something to send is told whether it went, and
 * hands out the link where it did not. Nothing waits for a mail server longer than `patienceMs`.
 */
import { createTransport, type Transporter } from "nodemailer";
import type { Config } from "./config.ts";
import type { Deps } from "./deps.ts";

const patienceMs = 10_000;

/** A message in plain text. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

const transports = new WeakMap<Config, Transporter>();

/** True once the mail server has taken the message; false without one, and where it refuses. */
export async function sendMail({ config, log }: Deps, mail: Mail): Promise<boolean> {
  if (config.smtpUrl === "") return false;
  try {
    await transportOf(config).sendMail({ ...mail, from: config.mailFrom });
    return true;
  } catch (error) {
    // The address and the server's words are for the administrator; the URL has the password.
    const { code, responseCode } = error as { code?: string; responseCode?: number };
    log.warn({ code, responseCode }, "a mail was not taken by the mail server");
    return false;
  }
}

function transportOf(config: Config): Transporter {
  let transport = transports.get(config);
  if (transport === undefined) {
    transport = createTransport({
      url: config.smtpUrl,
      connectionTimeout: patienceMs,
      greetingTimeout: patienceMs,
      socketTimeout: patienceMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    transports.set(config, transport);
  }
  return transport;
}
