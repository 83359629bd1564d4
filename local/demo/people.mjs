// The opening that every run shares: two people, their workspace, a phone and its listeners.

import { call } from "./api.mjs";
import { linkIn } from "./letters.mjs";
import { Person } from "./person.mjs";
import { Phone } from "./phone.mjs";
import { Miss, step } from "./screen.mjs";
import { writeTask } from "./tasks.mjs";

const LISTENER_MS = 20_000; // For the first answer of a listener; connecting is part of it.
const WARM_UP_MS = 30_000;
const WARM_UP_TASKS = ["Buy seeds", "Sharpen the spade", "Read about compost"];

/** Sign two people up, make them a workspace, and give the second a phone that listens. */
export async function opening() {
  const [owner, assignee] = await signUp();
  await step("First call makes their documents", () => firstCalls([owner, assignee]));
  await step("Each app writes tasks of its own", () => warmUp([owner, assignee]));
  const workspaceId = await found(owner);
  await step("Olga invites Ada by e-mail; Ada accepts", () => join(owner, assignee, workspaceId));
  const phone = new Phone();
  await step("Ada's app registers her phone", async () => {
    const device = { token: phone.token, platform: "android", timezone: "Europe/Berlin" };
    await assignee.api("PUT", `/users/me/devices/${phone.id}`, { body: device });
    return `device ${phone.id.slice(0, 14)}…, token ${phone.token.slice(0, 13)}…`;
  });
  const listeners = await listen(owner, assignee, workspaceId);
  return { owner, assignee, workspaceId, phone, ...listeners };
}

async function signUp() {
  let people;
  await step("Olga and Ada sign up", async () => {
    people = await Promise.all([Person.signUp("Olga"), Person.signUp("Ada")]);
    return "two accounts, ID tokens carry their names";
  });
  return people;
}

async function firstCalls(people) {
  const profiles = await Promise.all(people.map((person) => person.api("GET", "/users/me")));
  for (const [index, profile] of profiles.entries()) {
    const { name, uid } = people[index];
    if (profile.displayName !== name) {
      throw new Miss(`GET /users/me names ${name} "${profile.displayName}".`);
    }
    const { items } = await people[index].api("GET", "/users/me/workspaces");
    if (items.length !== 1 || items[0].workspaceId !== uid || items[0].role !== "owner") {
      throw new Miss(`${name} does not own exactly one personal workspace after the first call.`);
    }
  }
  return "profile and personal workspace each";
}

// Where the stack has just started, the first writes take seconds: the emulators are programs that
// warm up, and a worker for the doorbells starts. Once the counters follow, all of that is done.
async function warmUp(people) {
  await Promise.all(
    people.map(async (person) => {
      const workspace = person.watchWorkspace(person.uid);
      for (const title of WARM_UP_TASKS) {
        await writeTask(person, person.uid, { title, assigneeIds: [person.uid] }).written;
      }
      const counted = (found) => found?.counters.openTasks === WARM_UP_TASKS.length;
      await workspace.when("The count of a person's own tasks", counted, WARM_UP_MS);
    }),
  );
  return `each personal workspace counts ${WARM_UP_TASKS.length} open; the emulators are warm now`;
}

async function found(owner) {
  let workspaceId;
  await step("Olga founds a team", async () => {
    const team = await owner.api("POST", "/workspaces", { body: { name: "Garden" }, expect: 201 });
    workspaceId = team.id;
    return `the ${team.type} workspace "${team.name}"`;
  });
  return workspaceId;
}

async function join(owner, assignee, workspaceId) {
  const invitation = { email: assignee.email, role: "member" };
  const invites = `/workspaces/${workspaceId}/invites`;
  await owner.api("POST", invites, { body: invitation, expect: 201 });
  const link = await linkIn("The invitation", assignee.email, "/invites/accept#");
  const token = new URL(link).hash.slice(1);
  const { code } = await assignee.api("POST", "/invites:accept", { body: { token }, expect: 403 });
  if (code !== "email-not-verified") throw new Miss(`An unproved address got "${code}".`);
  await assignee.proveAddress();
  const { role } = await assignee.api("POST", "/invites:accept", { body: { token } });
  const { name } = await assignee.api("GET", `/workspaces/${workspaceId}`);
  return `two mails later, her address proved, she is a ${role} of "${name}"`;
}

async function listen(owner, assignee, workspaceId) {
  const tasks = assignee.watchMine(workspaceId);
  const notifications = assignee.watchNotifications();
  const badge = assignee.watchBadge();
  const ownersTasks = owner.watchMine(workspaceId);
  await step("Ada's app listens to tasks, bell, badge", async () => {
    const state = (list) => ({ list });
    const first = (watch) => watch.when("A listener's first state", state, LISTENER_MS);
    const states = await Promise.all([tasks, notifications, ownersTasks].map(first));
    if (states.some(({ list }) => list.length)) throw new Miss("A new account has entries already.");
    return "three listeners, all empty";
  });
  return { tasks, notifications, badge, ownersTasks };
}

/** Look for the document of an id in a list. */
export const byId = (id) => (list) => list.find((each) => each.id === id);

/** Call the API with tokens that prove nothing: `[what, token, code of the problem]` each. */
export async function refusedTokens(cases) {
  const codes = [];
  for (const [what, token, code] of cases) {
    const problem = await call("GET", "/users/me", { token, expect: 401 });
    if (problem.code !== code) {
      throw new Miss(`A call with ${what} was refused as "${problem.code}", not "${code}".`);
    }
    codes.push(`${what}: 401 ${code}`);
  }
  return codes.join(" · ");
}
