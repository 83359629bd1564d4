// Somebody's app writes what is their own straight into Firestore: devices, name, marks of what they
// have read. What does the service make of it, rung by real doorbells?

import {
  collection,
  deleteDoc,
  doc,
  getDocs,
  increment,
  limit,
  query,
  serverTimestamp,
  setDoc,
  updateDoc,
  where,
} from "firebase/firestore";
import { Person } from "../../local/demo/person.mjs";
import { Listener, opened, report, server, until } from "./app.mjs";

const ada = await Person.signUp("Ada");
await ada.api("GET", "/users/me");
const own = (path) => doc(ada.db, `users/${ada.uid}${path}`);
const last = (listener) => listener.shown.at(-1);

const member = new Listener(doc(ada.db, `workspaces/${ada.uid}/members/${ada.uid}`));
const badge = new Listener(own("/counters/inbox"));
const bell = new Listener(query(collection(own(""), "notifications"), limit(30)));
const devices = new Listener(query(collection(own(""), "devices"), limit(20)));
await opened({ member, badge, bell, devices });

await updateDoc(own(""), { displayName: "Ada L.", rev: increment(1), updatedAt: serverTimestamp() });
await until("the new name", () => last(member)?.displayName === "Ada L.");

await register("phone");
await until("the first device as a known one", () => isKnown("phone"));
await register("laptop");
await until("the notice of the second device", () => last(bell)?.length === 1);
const [notice] = last(bell);
await until("the badge", () => last(badge)?.unread === 1);

const [noticeId] = await ids("notifications");
const counts = [];
for (const readAt of [serverTimestamp(), null]) {
  const wanted = readAt === null ? 1 : 0;
  await updateDoc(own(`/notifications/${noticeId}`), { readAt, updatedAt: serverTimestamp() });
  await until(`a badge of ${wanted}`, () => last(badge)?.unread === wanted);
  counts.push(last(badge).unread);
}
await deleteDoc(doc(server, `users/${ada.uid}/notifications/${noticeId}`));
await until("the badge without the notice that is gone", () => last(badge)?.unread === 0);

const registered = last(devices).length;
await ada.api("DELETE", "/users/me/sessions", { expect: 204 });
await until("the end of all registrations", () => last(devices).length === 0);

report({
  name: last(member).displayName,
  notice: [notice.category, notice.title],
  counts: [...counts, last(badge).unread],
  devices: [registered, last(devices).length],
});

function register(id) {
  return setDoc(own(`/devices/${id}`), {
    token: `${id}-of-${ada.uid}`,
    platform: "web",
    locale: "en",
    timezone: "UTC",
    lastSeenAt: serverTimestamp(),
    disabledAt: null,
  });
}

async function isKnown(id) {
  const { docs } = await getDocs(query(collection(server, "shadows"), where("uid", "==", ada.uid)));
  return docs.some((each) => each.data().known.some((known) => known.id === id));
}

async function ids(name) {
  const { docs } = await getDocs(query(collection(own(""), name), limit(20)));
  return docs.map((each) => each.id);
}
