// What open listeners show of a workspace, or of a guest's own documents, once the right to see it
// has ended: because somebody was removed, because the time is over, because a guest expired.

import {
  collection,
  collectionGroup,
  deleteDoc,
  disableNetwork,
  doc,
  enableNetwork,
  getDocFromServer,
  limit,
  query,
  setDoc,
  Timestamp,
  updateDoc,
  where,
  writeBatch,
} from "firebase/firestore";
import {
  appOf,
  askedAnew,
  guestApp,
  Listener,
  opened,
  report,
  scene,
  server,
  until,
  verdict,
} from "./app.mjs";

const REFUSED = "permission-denied";
const AFTER = "written afterwards";
const { workspace } = scene;
const taskPath = `${workspace}/tasks/t1`;

/** Everything an app listens to of a workspace. */
function listenTo(db) {
  const list = (name) => new Listener(query(collection(db, `${workspace}/${name}`), limit(20)));
  return {
    workspace: new Listener(doc(db, workspace)),
    members: list("members"),
    tasks: list("tasks"),
    task: new Listener(doc(db, taskPath)),
    comments: list("tasks/t1/comments"),
    projects: list("projects"),
    events: list("events"),
  };
}

/** The list of somebody's workspaces, on another phone: the emulator may forget to tell one that
 *  it has just refused another listener. */
function listenToMemberships(uid) {
  const members = collectionGroup(appOf(uid), "members");
  return new Listener(query(members, where("uid", "==", uid), limit(50)));
}

const endOf = (listeners) =>
  until("the end of each listener", () => Object.values(listeners).every((each) => each.ended));

/** Change every document that is listened to, and wait until those who may have seen it. */
async function changeEverything(witness) {
  const batch = writeBatch(server);
  batch.update(doc(server, workspace), { name: AFTER });
  batch.update(doc(server, taskPath), { title: AFTER });
  batch.update(doc(server, `${taskPath}/comments/c1`), { body: AFTER });
  batch.update(doc(server, `${workspace}/projects/p1`), { name: AFTER });
  batch.update(doc(server, `${workspace}/events/e1`), { type: AFTER });
  await batch.commit();
  const changed = ["workspace", "tasks", "task", "comments", "projects", "events"];
  await until("what a member sees", () => changed.every((name) => witness[name].saw(AFTER)));
}

/** What became of somebody's listeners: how each ended, and which of them showed too much. */
function outcome(listeners) {
  const entries = Object.entries(listeners);
  return {
    ended: Object.fromEntries(entries.map(([name, each]) => [name, each.ended])),
    sawTooMuch: entries.filter(([, each]) => each.saw(AFTER)).map(([name]) => name),
  };
}

// Of a document that is not listened to: what a listener has, the SDK does not ask for again.
const mayRead = (db) => verdict(() => getDocFromServer(doc(db, `${workspace}/series/s1`)));

/** Somebody is removed while listening. */
async function removed(witness, witnessDb) {
  const [db, membership] = await joined("removed-one");
  const listeners = listenTo(db);
  const memberships = listenToMemberships("removed-one");
  await opened({ ...listeners, memberships });
  await deleteDoc(membership);
  await until("the end of the list of members", () => listeners.members.ended);
  await until("the list of workspaces without it", () => memberships.shown.at(-1).length === 0);
  await changeEverything(witness);
  await endOf(listeners);
  const read = { removed: await mayRead(db), witness: await mayRead(witnessDb) };
  return { ...outcome(listeners), memberships: memberships.ended, read };
}

/** A membership's time is over; later the server's timer comes and takes it away. */
async function expired(witness) {
  const uid = "expired-one";
  const ends = Timestamp.fromMillis(Date.now() + 3_000);
  const [db, membership] = await joined(uid, { expireAt: ends });
  const reconnecting = appOf(uid);
  const open = listenTo(db);
  const connectedAnew = listenTo(reconnecting);
  await Promise.all([opened(open), opened(connectedAnew)]);
  const asked = () => askedAnew(uid, taskPath);
  await until("the end of the membership", async () => (await asked()) === REFUSED);
  await disableNetwork(reconnecting);
  await enableNetwork(reconnecting);
  await endOf(connectedAnew);
  await deleteDoc(membership); // As the timer does.
  await changeEverything(witness);
  await endOf(open);
  const read = await mayRead(db);
  return { open: { ...outcome(open), read }, connectedAnew: outcome(connectedAnew) };
}

/** A guest's time is over, and the server deletes the account. */
async function guest() {
  const { uid, db } = await guestApp();
  const me = `users/${uid}`;
  const before = await verdict(() => getDocFromServer(doc(db, me)));
  const ends = Timestamp.fromMillis(Date.now() + 3_000);
  await setDoc(doc(server, me), { displayName: "", expireAt: ends });
  await setDoc(doc(server, `${me}/notifications/n1`), { title: "yours" });
  await setDoc(doc(server, `${me}/counters/inbox`), { unread: 1 });
  const listeners = {
    account: new Listener(doc(db, me)),
    bell: new Listener(query(collection(db, `${me}/notifications`), limit(30))),
    badge: new Listener(doc(db, `${me}/counters/inbox`)),
  };
  await opened(listeners);
  const claims = { firebase: { sign_in_provider: "anonymous" } };
  const asked = () => askedAnew(uid, `${me}/counters/inbox`, claims);
  await until("the end of the guest's time", async () => (await asked()) === REFUSED);
  await deleteDoc(doc(server, me));
  await updateDoc(doc(server, `${me}/notifications/n1`), { title: AFTER });
  await updateDoc(doc(server, `${me}/counters/inbox`), { note: AFTER });
  await endOf(listeners);
  return { ...outcome(listeners), before };
}

async function joined(uid, fields = {}) {
  const membership = doc(server, `${workspace}/members/${uid}`);
  await setDoc(membership, { uid, role: "member", expireAt: null, ...fields });
  return [appOf(uid), membership];
}

const [witnessDb] = await joined("witness");
const witness = listenTo(witnessDb);
await opened(witness);
const found = { removed: await removed(witness, witnessDb) };
await restore();
found.expired = await expired(listenTo(appOf("witness")));
found.guest = await guest();
report(found);

async function restore() {
  const batch = writeBatch(server);
  batch.update(doc(server, workspace), { name: "Before" });
  batch.update(doc(server, taskPath), { title: "Before" });
  batch.update(doc(server, `${taskPath}/comments/c1`), { body: "Before" });
  batch.update(doc(server, `${workspace}/projects/p1`), { name: "Before" });
  batch.update(doc(server, `${workspace}/events/e1`), { type: "Before" });
  await batch.commit();
}
