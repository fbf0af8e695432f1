/** A mail server for tests. It keeps what it is sent, and sends nothing on. */
import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";

/** A mail server that takes everything, and what it took. */
export async function mailServer(): Promise<{ url: string; mails: string[]; close(): void }> {
  const mails: string[] = [];
  const server = createServer((socket: Socket) => {
    let isData = false;
    let text = "";
    socket.write("220 mail.test ESMTP\r\n");
    socket.on("data", (chunk) => {
      text += chunk.toString();
      if (isData && text.includes("\r\n.\r\n")) {
        mails.push(text);
        isData = false;
        text = "";
        socket.write("250 taken\r\n");
      }
      if (isData || !text.endsWith("\r\n")) return;
      isData = /^DATA/i.test(text);
      const isLast = /^QUIT/i.test(text);
      text = "";
      socket.write(isData ? "354 go on\r\n" : "250 fine\r\n");
      if (isLast) socket.end();
    });
    socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return { url: `smtp://127.0.0.1:${address.port}`, mails, close: () => server.close() };
}
