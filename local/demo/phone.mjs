// The assignee's phone, seen from the FCM stand-in: what was sent to it, and what it shows.

import { randomUUID } from "node:crypto";
import { Miss } from "./screen.mjs";
import { FCM_URL } from "./stack.mjs";

export class Phone {
  /** A token of its own for each run: the stand-in remembers those of earlier ones. */
  token = `demo-${randomUUID()}`;
  id = `phone-${randomUUID()}`;

  /** List the pushes that reached this phone, oldest first. */
  async pushes() {
    const sent = await this.#get(`/control/messages?token=${this.token}`);
    const reached = sent.filter(({ delivered }) => delivered);
    return reached.map(({ message }) => ({
      title: message.notification?.title,
      body: message.notification?.body,
      category: message.data?.category,
      taskId: message.data?.taskId,
      notificationId: message.data?.notificationId,
    }));
  }

  /** List what the phone shows: a repeated push replaces the first. */
  tray() {
    return this.#get(`/control/devices/${this.token}/tray`);
  }

  async #get(path) {
    const answer = await fetch(FCM_URL + path, { signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) throw new Miss(`The FCM endpoint answered ${answer.status} to ${path}.`);
    return answer.json();
  }
}
