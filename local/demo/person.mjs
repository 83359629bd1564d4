// One person's app: the real Firebase JS SDK, signed in as them. Each has an instance of their own.

import { randomUUID } from "node:crypto";
import { deleteApp, initializeApp } from "firebase/app";
import {
  applyActionCode,
  connectAuthEmulator,
  createUserWithEmailAndPassword,
  getAuth,
  updateProfile,
} from "firebase/auth";
import {
  collection,
  connectFirestoreEmulator,
  doc,
  getFirestore,
  limit,
  orderBy,
  query,
  setLogLevel,
  terminate,
  where,
} from "firebase/firestore";
import { call, command } from "./api.mjs";
import { linkIn } from "./letters.mjs";
import { AUTH_URL, FIRESTORE_PORT, HOST, PROJECT_ID } from "./stack.mjs";
import { documents, fields, Watch } from "./waiting.mjs";

setLogLevel("silent"); // Refusals are part of the demo; it reports them itself.

export class Person {
  #watches = [];

  /** Create an account under a new address, named `name`, with a token that carries the name. */
  static async signUp(name) {
    const app = initializeApp({ projectId: PROJECT_ID, apiKey: "local" }, randomUUID());
    const auth = getAuth(app);
    connectAuthEmulator(auth, AUTH_URL, { disableWarnings: true });
    const email = `${name.toLowerCase()}-${randomUUID()}@example.com`;
    const { user } = await createUserWithEmailAndPassword(auth, email, randomUUID());
    await updateProfile(user, { displayName: name });
    await user.getIdToken(true); // The first token was made before the name was known.
    const db = getFirestore(app);
    connectFirestoreEmulator(db, HOST, FIRESTORE_PORT);
    return new Person(name, app, user, db);
  }

  constructor(name, app, user, db) {
    Object.assign(this, { name, app, user, db, uid: user.uid, email: user.email });
  }

  /** Call the API as this person. */
  async api(method, path, options = {}) {
    return call(method, path, { token: await this.user.getIdToken(), ...options });
  }

  /** As `api`, with what takes it back: `{ body, undo }`. */
  async command(method, path, options = {}) {
    return command(method, path, { token: await this.user.getIdToken(), ...options });
  }

  /** Prove that the address is theirs: ask for the mail, follow its link, renew the token. */
  async proveAddress() {
    await this.api("POST", "/users/me/emailVerification", { expect: 202 });
    const link = await linkIn("The mail that asks for a proof", this.email, "oobCode=");
    await applyActionCode(getAuth(this.app), new URL(link).searchParams.get("oobCode"));
    await this.user.getIdToken(true);
  }

  /** Listen to the open tasks assigned to this person in a workspace, the next due first. */
  watchMine(workspaceId) {
    return this.#watch(mine(this, workspaceId), documents);
  }

  /** Listen to the cards of a board, list by list, each in its order. */
  watchBoard(workspaceId, boardId) {
    const cards = query(
      collection(this.db, "workspaces", workspaceId, "tasks"),
      where("deletedAt", "==", null),
      where("archivedAt", "==", null),
      where("boardId", "==", boardId),
      orderBy("listId"),
      orderBy("rank"),
      limit(300),
    );
    return this.#watch(cards, documents);
  }

  /** Listen to a workspace's own document: its name and counters. */
  watchWorkspace(workspaceId) {
    return this.#watch(doc(this.db, "workspaces", workspaceId), fields);
  }

  /** Listen to the bell: the newest notifications. */
  watchNotifications() {
    const bell = query(
      collection(this.db, "users", this.uid, "notifications"),
      where("archivedAt", "==", null),
      orderBy("createdAt", "desc"),
      limit(30),
    );
    return this.#watch(bell, documents);
  }

  /** Listen to the badge: how many notifications are unread. */
  watchBadge() {
    return this.#watch(doc(this.db, "users", this.uid, "counters", "inbox"), fields);
  }

  /** Stop listening and sign off, so that the process can end. */
  async close() {
    for (const watch of this.#watches) watch.stop();
    await terminate(this.db);
    await deleteApp(this.app);
  }

  #watch(target, read) {
    const watch = new Watch(target, read);
    this.#watches.push(watch);
    return watch;
  }
}

/** The query "mine, in this workspace": every `where` and the limit are what the rules admit. */
export function mine(person, workspaceId) {
  return query(
    collection(person.db, "workspaces", workspaceId, "tasks"),
    where("deletedAt", "==", null),
    where("archivedAt", "==", null),
    where("status", "in", ["open", "in_progress"]),
    where("assigneeIds", "array-contains", person.uid),
    orderBy("dueAt"),
    limit(50),
  );
}
