// Apps for tests about the rules: the real JS SDK, each with a connection of its own.
//
// A program is started with one argument, JSON: where the emulators are, the project whose rules
// are in force, and what Python has put there. It prints its findings as JSON.

import { randomUUID } from "node:crypto";
import { initializeApp } from "firebase/app";
import { connectAuthEmulator, getAuth, signInAnonymously } from "firebase/auth";
import {
  connectFirestoreEmulator,
  doc,
  getDocFromServer,
  getFirestore,
  onSnapshot,
  setLogLevel,
  terminate,
} from "firebase/firestore";

setLogLevel("silent"); // Refusals are what these programs are about.

const PATIENCE_MS = 30_000;
export const scene = JSON.parse(process.argv[2]);

/** An app of the person `uid`, as the emulator takes anybody's word for it. */
export function appOf(uid, claims = {}) {
  return connected({ mockUserToken: { sub: uid, user_id: uid, ...claims } });
}

/** The server, whom no rule binds. */
export const server = connected({ mockUserToken: "owner" });

/** The app of a guest who has really signed in: `{ uid, db }`. */
export async function guestApp() {
  const app = newApp();
  const auth = getAuth(app);
  connectAuthEmulator(auth, `http://${scene.auth}`, { disableWarnings: true });
  const { user } = await signInAnonymously(auth);
  return { uid: user.uid, db: connected({}, app) };
}

/** A listener that keeps all it was shown, and how it ended. */
export class Listener {
  constructor(target) {
    this.shown = [];
    this.ended = null;
    onSnapshot(
      target,
      (snapshot) => this.shown.push(snapshot.docs?.map((each) => each.data()) ?? snapshot.data()),
      (error) => (this.ended = error.code),
    );
  }

  /** Whether a text was ever on the screen. */
  saw(text) {
    return JSON.stringify(this.shown).includes(text);
  }
}

/** Wait until each listener has its first state: what is written while one is being opened, the
 *  emulator may not tell it before the next change. */
export function opened(listeners) {
  const all = Object.values(listeners);
  return until("the first state of each listener", () => all.every(({ shown }) => shown.length > 0));
}

/** Wait until something is so. */
export async function until(what, isSo) {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`This did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** What somebody is told who asks over a connection of its own: the emulator judges all that is
 *  asked over one by the time at which that was made. */
export async function askedAnew(uid, path, claims = {}) {
  const db = appOf(uid, claims);
  const found = await verdict(() => getDocFromServer(doc(db, path)));
  await terminate(db);
  return found;
}

/** How an attempt ended: "allowed", or the code of the refusal. */
export async function verdict(attempt) {
  try {
    await attempt();
    return "allowed";
  } catch (error) {
    return error.code ?? String(error);
  }
}

/** Print what was found, and leave: open connections would keep the process. */
export function report(found) {
  process.stdout.write(JSON.stringify(found), () => process.exit(0));
}

function newApp() {
  return initializeApp({ projectId: scene.project, apiKey: "local" }, randomUUID());
}

function connected(options, app = newApp()) {
  const db = getFirestore(app);
  const [host, port] = scene.firestore.split(":");
  connectFirestoreEmulator(db, host, Number(port), options);
  return db;
}
