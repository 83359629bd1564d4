// Guests as their apps live through it: one links an account, one is merged into an account there
// is already and taken back, one's time is over, and who comes back is another person.

import { createHash, randomUUID } from "node:crypto";
import { deleteApp, initializeApp } from "firebase/app";
import {
  connectAuthEmulator,
  EmailAuthProvider,
  getAuth,
  linkWithCredential,
  signInAnonymously,
} from "firebase/auth";
import {
  collection,
  connectFirestoreEmulator,
  doc,
  getFirestore,
  limit,
  query,
  Timestamp,
  writeBatch,
} from "firebase/firestore";
import { call } from "../../local/demo/api.mjs";
import { Person } from "../../local/demo/person.mjs";
import { AUTH_URL, FIRESTORE_PORT, HOST, PROJECT_ID } from "../../local/demo/stack.mjs";
import { writeTask } from "../../local/demo/tasks.mjs";
import { Listener, opened, report, server, until } from "./app.mjs";

const MINUTE_MS = 60_000;

report({ linked: await linked(), merged: await merged(), ended: await ended() });

/** A guest makes an account of what they have. */
async function linked() {
  const guest = await newGuest();
  const before = await guest.api("GET", "/users/me");
  await write(guest, "kept");
  const email = `${randomUUID()}@example.com`;
  const credential = EmailAuthProvider.credential(email, randomUUID());
  const { user } = await linkWithCredential(guest.user, credential);
  await user.getIdToken(true);
  const after = await guest.api("GET", "/users/me");
  const founded = await guest.api("POST", "/workspaces", { body: { name: "Team" }, expect: 201 });
  return {
    isSameUid: before.uid === after.uid && user.uid === after.uid,
    wasGuest: before.isGuest,
    isGuest: after.isGuest,
    expireAt: after.expireAt,
    tasks: await titles(guest),
    mayFoundTeams: founded.type === "team",
  };
}

/** A guest has an account already, and then another idea. */
async function merged() {
  const [guest, olga] = await Promise.all([newGuest(), Person.signUp("Olga")]);
  await Promise.all([guest.api("GET", "/users/me"), olga.api("GET", "/users/me")]);
  const theirs = await write(guest, "moved");
  const screen = new Listener(list(olga, olga.uid));
  await opened({ screen });
  const guestToken = await guest.user.getIdToken();
  const merge = await olga.api("POST", "/users/me:mergeGuest", { body: { guestToken }, expect: 202 });
  const guestFinds = await refusal(guest, "/users/me");
  await until("the task on Olga's screen", () => screen.saw("moved"));
  const { result } = await finished(olga, merge.id);
  const guestReads = await readAnew(guest);
  const body = { operationId: merge.id };
  const undo = await olga.api("POST", "/users/me:undoMerge", { body, expect: 202 });
  await finished(olga, undo.id);
  return {
    moved: result.moved.tasks,
    guestFinds,
    guestReads,
    takenBack: { olga: await titles(olga), guest: await titles(guest) },
    readsAgain: await readAnew(guest),
    isSameId: (await guest.api("GET", `/workspaces/me/tasks/${theirs}`)).id === theirs,
  };
}

/** A guest's time is over: their day is moved into the past, as no test waits for its end. */
async function ended() {
  const guest = await newGuest();
  await guest.api("GET", "/users/me");
  await write(guest, "gone");
  const screen = new Listener(list(guest, guest.uid));
  await until("the task on the guest's screen", () => screen.saw("gone"));
  await letDayPass(guest.uid);
  const finds = await refusal(guest, "/users/me");
  const reads = await readAnew(guest);
  await until("the end of the sign-in", async () => (await renewal(guest)) !== "renewed");
  const again = await newGuest();
  const fresh = await again.api("GET", "/users/me");
  return {
    uid: guest.uid,
    finds,
    reads,
    renewal: await renewal(guest),
    comesBackAsAnother: again.uid !== guest.uid && fresh.isGuest && (await titles(again)).length === 0,
  };
}

async function newGuest() {
  const app = initializeApp({ projectId: PROJECT_ID, apiKey: "local" }, randomUUID());
  const auth = getAuth(app);
  connectAuthEmulator(auth, AUTH_URL, { disableWarnings: true });
  const { user } = await signInAnonymously(auth);
  const db = getFirestore(app);
  connectFirestoreEmulator(db, HOST, FIRESTORE_PORT);
  return new Person("Guest", app, user, db);
}

/** Write a task as the app does, straight into Firestore. */
async function write(person, title) {
  const { id, written } = writeTask(person, person.uid, { title, assigneeIds: [] });
  await written;
  return id;
}

function list(person, workspaceId) {
  return query(collection(person.db, `workspaces/${workspaceId}/tasks`), limit(50));
}

async function titles(person) {
  const { items } = await person.api("GET", "/workspaces/me/tasks");
  return items.map(({ title }) => title);
}

async function finished(person, operationId) {
  let operation;
  await until("the end of the operation", async () => {
    operation = await person.api("GET", `/operations/${operationId}`);
    return operation.state !== "running";
  });
  return operation;
}

/** The status that somebody gets from the API. */
async function refusal(person, path) {
  const token = await person.user.getIdToken();
  return call("GET", path, { token, expect: 404 }).then(() => 404, (error) => String(error));
}

/** What the rules tell somebody over a connection of its own, which they judge anew. */
async function readAnew(person) {
  const app = initializeApp({ projectId: PROJECT_ID, apiKey: "local" }, randomUUID());
  const db = getFirestore(app);
  const claims = { sub: person.uid, firebase: { sign_in_provider: "anonymous" } };
  connectFirestoreEmulator(db, HOST, FIRESTORE_PORT, { mockUserToken: claims });
  const screen = new Listener(list({ db }, person.uid));
  await until("an answer of the rules", () => screen.ended || screen.shown.length > 0);
  await deleteApp(app);
  return screen.ended ?? "allowed";
}

async function renewal(person) {
  return person.user.getIdToken(true).then(() => "renewed", (error) => error.code);
}

async function letDayPass(uid) {
  const past = Timestamp.fromMillis(Date.now() - 2 * MINUTE_MS);
  const parts = ["guestExpiry", uid].map((part) => `${part.length}:${part};`);
  const timer = createHash("sha256").update(parts.join("")).digest("hex").slice(0, 40);
  const batch = writeBatch(server);
  batch.update(doc(server, `users/${uid}`), { expireAt: past });
  batch.update(doc(server, `workspaces/${uid}/members/${uid}`), { expireAt: past });
  batch.update(doc(server, `timers/${timer}`), { fireAt: past });
  await batch.commit();
}
