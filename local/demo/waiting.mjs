// Waiting on conditions, each with a deadline. Nothing here waits for a fixed time.

import { onSnapshot } from "firebase/firestore";
import { Miss, span } from "./screen.mjs";

const PROBE_EVERY_MS = 25;
// Tests run where others run too, and give everything this many times its time. People do not.
const PATIENCE = Number(process.env.DEMO_PATIENCE ?? 1);

/** Call `probe` until it returns something, and return that. For servers that cannot call back. */
export async function until(what, probe, wantedMs) {
  const withinMs = wantedMs * PATIENCE;
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() > deadline) throw late(what, withinMs);
    await new Promise((resolve) => setTimeout(resolve, PROBE_EVERY_MS));
  }
}

/** A listener on a query or a document, whose newest state can be waited for. */
export class Watch {
  #waiting = new Set();
  #failure = null;
  #unsubscribe;

  /** Listen to `target`; `read` turns a snapshot into the state kept. */
  constructor(target, read) {
    this.state = undefined;
    this.#unsubscribe = onSnapshot(
      target,
      (snapshot) => {
        this.state = read(snapshot);
        for (const check of [...this.#waiting]) check();
      },
      (error) => {
        this.#failure = new Miss(`A listener was refused (${error.code}).`);
        for (const check of [...this.#waiting]) check();
      },
    );
  }

  /** Wait until `find(state)` returns something, and return that. */
  when(what, find, wantedMs) {
    const withinMs = wantedMs * PATIENCE;
    return new Promise((resolve, reject) => {
      const settle = (finish, value) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        finish(value);
      };
      const check = () => {
        if (this.#failure) return settle(reject, this.#failure);
        const found = this.state !== undefined && find(this.state);
        if (found) settle(resolve, found);
      };
      const timer = setTimeout(() => settle(reject, late(what, withinMs)), withinMs);
      this.#waiting.add(check);
      check();
    });
  }

  stop() {
    this.#unsubscribe();
  }
}

/** Read a query's snapshot as a list of `{ id, …fields }`. */
export const documents = (snapshot) =>
  snapshot.docs.map((each) => ({ id: each.id, ...each.data() }));

/** Read a document's snapshot as its fields, or null where there is none. */
export const fields = (snapshot) => snapshot.data() ?? null;

const late = (what, withinMs) => new Miss(`${what} did not come within ${span(withinMs)}.`);
