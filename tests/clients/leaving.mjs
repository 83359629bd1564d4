// Two people listen to a team. One is removed through the API, the other's membership ends by its
// own date, by the service's timer. What do their listeners show from then on?

import { collection, doc, limit, query, setDoc, Timestamp } from "firebase/firestore";
import { Person } from "../../local/demo/person.mjs";
import { writeTask } from "../../local/demo/tasks.mjs";
import { Listener, opened, report, server, until } from "./app.mjs";

const SOON_MS = 5_000;
const people = await Promise.all(["Olga", "Ada", "Bea"].map((name) => Person.signUp(name)));
for (const person of people) await person.api("GET", "/users/me");
const [olga, ada, bea] = people;
const founding = { body: { name: "Garden" }, expect: 201 };
const { id: team } = await olga.api("POST", "/workspaces", founding);
await Promise.all([ada, bea].map(join));

const listeners = { ada: listenTo(ada), bea: listenTo(bea), olga: listenTo(olga) };
await Promise.all(Object.values(listeners).map(opened));
await write("before");

await olga.api("DELETE", `/workspaces/${team}/members/${ada.uid}`, { expect: 204 });
await until("the end of Ada's list of members", () => listeners.ada.members.ended);
await write("after Ada");
await endOf(listeners.ada);

const expireAt = new Date(Date.now() + SOON_MS).toISOString();
await olga.api("PATCH", `/workspaces/${team}/members/${bea.uid}`, { body: { expireAt } });
await until("the end of Bea's list of members", () => listeners.bea.members.ended);
await write("after Bea");
await endOf(listeners.bea);

report({
  ada: outcome(listeners.ada, ["before", "after Ada", "after Bea"]),
  bea: outcome(listeners.bea, ["before", "after Ada", "after Bea"]),
  olga: outcome(listeners.olga, ["before", "after Ada", "after Bea"]),
});

/** Become a member as an accepted invitation makes one. */
function join(person) {
  return setDoc(doc(server, `workspaces/${team}/members/${person.uid}`), {
    uid: person.uid,
    role: "member",
    displayName: person.name,
    photoUrl: null,
    expireAt: null,
    parentId: null,
    createdAt: Timestamp.now(),
  });
}

function listenTo(person) {
  const list = (name) => query(collection(person.db, `workspaces/${team}/${name}`), limit(50));
  return { tasks: new Listener(list("tasks")), members: new Listener(list("members")) };
}

/** Let Olga's app write a task, and wait until all who may have it on their screen. */
async function write(title) {
  await writeTask(olga, team, { title, assigneeIds: [] }).written;
  const open = Object.values(listeners).filter(({ members }) => !members.ended);
  await until(`"${title}" on the screens`, () => open.every(({ tasks }) => tasks.saw(title)));
}

function endOf({ tasks, members }) {
  return until("the end of each listener", () => tasks.ended && members.ended);
}

function outcome({ tasks, members }, titles) {
  return { ended: [tasks.ended, members.ended], saw: titles.filter((title) => tasks.saw(title)) };
}
