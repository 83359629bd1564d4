// What is in somebody's mail box, seen from the mail catcher.

import { Miss } from "./screen.mjs";
import { MAIL_URL } from "./stack.mjs";
import { until } from "./waiting.mjs";

const MAIL_MS = 20_000; // Commit, job, mail server.

/** Wait for a mail to `address` that links to something with `mark` in it; return that link. */
export async function linkIn(what, address, mark) {
  return until(what, async () => (await links(address)).find((each) => each.includes(mark)), MAIL_MS);
}

async function links(address) {
  const url = `${MAIL_URL}/control/messages?to=${encodeURIComponent(address)}`;
  const answer = await fetch(url).catch((error) => {
    throw new Miss(`The mail catcher does not answer at ${MAIL_URL} (${error.name}).`);
  });
  return (await answer.json()).flatMap((mail) => mail.links);
}
