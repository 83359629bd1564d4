// Somebody's app in a tunnel: commands are written down, and done once it is out again. Rung by real
// doorbells; the app sees each answer in a listener.

import {
  collection,
  disableNetwork,
  doc,
  enableNetwork,
  limit,
  query,
  serverTimestamp,
  setDoc,
  Timestamp,
  updateDoc,
  where,
} from "firebase/firestore";
import { Person } from "../../local/demo/person.mjs";
import { Listener, report, until, verdict } from "./app.mjs";

const DAYS_30 = 30 * 24 * 3600 * 1000;
const ada = await Person.signUp("Ada");
const eve = await Person.signUp("Eve");
await eve.api("GET", "/users/me");
const task = await ada.api("POST", "/workspaces/me/tasks", { body: { title: "Tunnel" }, expect: 201 });
const intents = collection(ada.db, `users/${ada.uid}/intents`);
const waiting = new Listener(query(intents, where("state", "in", ["pending", "refused"]), limit(20)));
const done = new Listener(query(intents, where("state", "==", "done"), limit(20)));
const seen = new Listener(doc(ada.db, `workspaces/${ada.uid}/tasks/${task.id}`));
await until("the task", () => seen.shown.at(-1)?.title === "Tunnel");

await disableNetwork(ada.db);
const of = { workspaceId: "me", taskId: task.id };
const written = [
  write("renamed", "task.edit", { ...of, baseRev: 1, body: { title: "Out of the tunnel" } }),
  write("archived", "task.archive", of),
  write("refused", "task.complete", { workspaceId: eve.uid, taskId: task.id }),
];
await until("three that wait", () => waiting.shown.at(-1)?.length === 3);
const offline = waiting.shown.at(-1).map((each) => each.state);

await enableNetwork(ada.db);
await Promise.all(written);
await until("two that are done", () => done.shown.at(-1)?.length === 2);
await until("one refusal", () => waiting.shown.at(-1)?.every((each) => each.state === "refused"));
await until("the archive", () => seen.shown.at(-1)?.archivedAt);

const [refusal] = waiting.shown.at(-1);
const { undoToken } = done.shown.at(-1).find((each) => each.command === "task.archive").result;
await write("undone", "undo", { body: { token: undoToken } });
await until("the task out of the archive", () => seen.shown.at(-1)?.archivedAt === null);

report({
  offline,
  title: seen.shown.at(-1).title,
  refusal: [refusal.problem.code, refusal.problem.errors],
  answering: await verdict(() => updateDoc(doc(intents, "refused"), { state: "done" })),
  forging: await verdict(() => setDoc(doc(eve.db, intents.path, "forged"), intent("task.edit", of))),
});

function write(id, command, args) {
  return setDoc(doc(intents, id), intent(command, args));
}

function intent(command, args) {
  return {
    command,
    args,
    state: "pending",
    problem: null,
    createdAt: serverTimestamp(),
    finishedAt: null,
    expireAt: Timestamp.fromMillis(Date.now() + DAYS_30),
  };
}
