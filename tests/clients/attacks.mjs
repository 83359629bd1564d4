// Attacks as they would be made: by an app's own SDK. A name begins with the number of the attack
// in the security list; one that ends in "(allowed)" is the same act by somebody who may.

import {
  arrayUnion,
  collection,
  collectionGroup,
  deleteDoc,
  deleteField,
  doc,
  getAggregateFromServer,
  getCountFromServer,
  getDocFromServer,
  getDocsFromServer,
  increment,
  limit,
  or,
  query,
  runTransaction,
  serverTimestamp,
  setDoc,
  sum,
  updateDoc,
  where,
  writeBatch,
} from "firebase/firestore";
import { appOf, report, scene, verdict } from "./app.mjs";

const { w1, w2, uids, task } = scene;
const anonymous = { firebase: { sign_in_provider: "anonymous" } };
const member = appOf(uids.member);
const owner = appOf(uids.owner);
const viewer = appOf(uids.viewer);
const stranger = appOf(uids.stranger);
const expired = appOf(uids.expired, anonymous);

const me = `users/${uids.member}`;
const now = serverTimestamp();
const edit = (rev, changes) => ({ rev, updatedAt: now, updatedBy: uids.member, ...changes });
const at = (db, path) => doc(db, path);
const list = (db, path, ...conditions) =>
  getDocsFromServer(query(collection(db, path), ...conditions));
const group = (db, name, ...conditions) =>
  getDocsFromServer(query(collectionGroup(db, name), ...conditions));
const newTask = (uid) => {
  const stamps = { createdAt: now, createdBy: uid, updatedAt: now, updatedBy: uid };
  return { ...task, ...stamps };
};

const ATTACKS = {
  "2 the account of another": () => getDocFromServer(at(stranger, me)),
  "2 one's own account (allowed)": () => getDocFromServer(at(member, me)),
  "3 all accounts": () => list(member, "users", limit(1)),
  "4 own state": () => updateDoc(at(member, me), { rev: 4, updatedAt: now, state: "admin" }),
  "5 the account of another, made": () => setDoc(at(member, "users/another"), { displayName: "x" }),
  "7 an unknown field of one's own": () =>
    setDoc(at(member, me), { rev: 4, updatedAt: now, role: "owner" }, { merge: true }),
  "11 devices of another": () => list(stranger, `${me}/devices`, limit(20)),
  "12 a device for another": () => setDoc(at(stranger, `${me}/devices/d9`), scene.device),
  "13 devices of everybody": () => group(member, "devices", limit(1)),
  "16 a workspace as a stranger": () => getDocFromServer(at(stranger, w1)),
  "17 all workspaces": () => list(owner, "workspaces", limit(1)),
  "20 a workspace, made": () => setDoc(at(member, "workspaces/new"), { name: "x" }),
  "22 a membership, made": () =>
    setDoc(at(stranger, `${w1}/members/${uids.stranger}`), { uid: uids.stranger, role: "owner" }),
  "23 own role, raised": () =>
    updateDoc(at(member, `${w1}/members/${uids.member}`), { role: "owner" }),
  "25 a workspace, deleted by its owner": () => deleteDoc(at(owner, w1)),
  "28 a task as one whose time is over": () => getDocFromServer(at(expired, `${w1}/tasks/t1`)),
  "31 invitations as a member": () =>
    list(member, `${w1}/invites`, where("state", "==", "pending"), limit(50)),
  "31 invitations as the owner (allowed)": () =>
    list(owner, `${w1}/invites`, where("state", "==", "pending"), limit(50)),
  "33 a task of another workspace": () => getDocFromServer(at(member, `${w2}/tasks/t1`)),
  "33 tasks of another workspace": () => list(member, `${w2}/tasks`, limit(20)),
  "34 a task changed by a viewer": () =>
    updateDoc(at(viewer, `${w1}/tasks/t1`), { ...edit(4, { title: "x" }), updatedBy: uids.viewer }),
  "35 a task in another workspace, made": () =>
    setDoc(at(member, `${w2}/tasks/new`), newTask(uids.member)),
  "41 a membership and a task in one batch": () => {
    const batch = writeBatch(stranger);
    const membership = { uid: uids.stranger, role: "owner" };
    batch.set(at(stranger, `${w1}/members/${uids.stranger}`), membership);
    batch.set(at(stranger, `${w1}/tasks/new`), newTask(uids.stranger));
    return batch.commit();
  },
  "44 tasks without limit": () => list(member, `${w1}/tasks`),
  "44 tasks, counted without limit": () => getCountFromServer(collection(member, `${w1}/tasks`)),
  "44 tasks, added up without limit": () =>
    getAggregateFromServer(collection(member, `${w1}/tasks`), { total: sum("estimateMin") }),
  "45 one task too many": () => list(member, `${w1}/tasks`, limit(301)),
  "45 as many tasks as there may be (allowed)": () => list(member, `${w1}/tasks`, limit(300)),
  "46 my tasks everywhere": () =>
    group(member, "tasks", where("assigneeIds", "array-contains", uids.member), limit(50)),
  "47 memberships of mine or another": () =>
    group(
      member,
      "members",
      or(where("uid", "==", uids.member), where("uid", "==", uids.owner)),
      limit(50),
    ),
  "48 memberships without filter": () => group(member, "members", limit(50)),
  "48 my memberships (allowed)": () =>
    group(member, "members", where("uid", "==", uids.member), limit(50)),
  "51 counters smuggled in by a merge": () =>
    setDoc(at(member, `${w1}/tasks/t1`), edit(4, { counters: { done: 9 } }), { merge: true }),
  "52 counters by their path": () =>
    updateDoc(at(member, `${w1}/tasks/t1`), edit(4, { "counters.done": 9 })),
  "53 rev by increment": () =>
    updateDoc(at(member, `${w1}/tasks/t1`), edit(increment(5), { title: "x" })),
  "53 a transform on a field of the server": () =>
    updateDoc(at(member, `${w1}/tasks/t1`), edit(4, { ancestorIds: arrayUnion("t2") })),
  "66 a notification, made": () => setDoc(at(member, `${me}/notifications/n9`), { title: "x" }),
  "68 a title changed while reading": () =>
    updateDoc(at(member, `${me}/notifications/n1`), { readAt: now, updatedAt: now, title: "x" }),
  "68 a notification, read (allowed)": () =>
    updateDoc(at(member, `${me}/notifications/n1`), { readAt: now, updatedAt: now }),
  "70 the badge": () => updateDoc(at(member, `${me}/counters/inbox`), { unread: 0 }),
  "72 a focus session of one's own": () => setDoc(at(member, `${me}/focusSessions/s9`), { ms: 1 }),
  "78 own documents after a guest's time": () =>
    getDocFromServer(at(expired, `users/${uids.expired}`)),
  "82 a collection of one's own invention": () => setDoc(at(member, "anything/x"), { a: 1 }),
  "85 deleted and made anew in one batch": () => {
    const batch = writeBatch(member);
    batch.delete(at(member, `${w1}/tasks/t1`));
    batch.set(at(member, `${w1}/tasks/t1`), newTask(uids.member));
    return batch.commit();
  },
  "86 an update of what is not there": () =>
    updateDoc(at(member, `${w1}/tasks/missing`), edit(4, { title: "x" })),
  "88 a timer": () => getDocFromServer(at(owner, "timers/t1")),
  "twice in one batch": () => {
    const batch = writeBatch(member);
    batch.update(at(member, `${w1}/tasks/t1`), edit(4, { title: "x" }));
    batch.update(at(member, `${w1}/tasks/t1`), edit(5, { title: "y" }));
    return batch.commit();
  },
  "allowed and forbidden in one batch": () => {
    const batch = writeBatch(member);
    batch.update(at(member, `${w1}/tasks/t1`), edit(4, { title: "x" }));
    batch.update(at(member, w1), { name: "Mine" });
    return batch.commit();
  },
  "a transaction that reads there and writes here": () =>
    runTransaction(member, async (transaction) => {
      const found = await transaction.get(at(member, `${w2}/tasks/t1`));
      transaction.update(at(member, `${w1}/tasks/t1`), edit(4, { title: found.data().title }));
    }),
  "a field of the server, removed": () =>
    updateDoc(at(member, `${w1}/tasks/t1`), edit(4, { isOverdue: deleteField() })),
  "a transaction within one workspace (allowed)": () =>
    runTransaction(member, async (transaction) => {
      const found = await transaction.get(at(member, `${w1}/tasks/t1`));
      const change = edit(found.data().rev + 1, { title: "Repot" });
      transaction.update(at(member, `${w1}/tasks/t1`), change);
    }),
};

const found = {};
for (const [name, attack] of Object.entries(ATTACKS)) found[name] = await verdict(attack);
report(found);
