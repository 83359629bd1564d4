// Makes one program of a guide: its `js` blocks in order, and between them the checks that stand in
// `<!-- test … -->` comments, where readers of the page do not see them.
//
// `node guide.mjs docs/client.md program.mjs '{"127.0.0.1:8080": "127.0.0.1:41234"}'`: the third
// argument says what stands in the guide and what to put in its place.

import { readFileSync, writeFileSync } from "node:fs";

const [guide, program, replacements] = process.argv.slice(2);
const PART = /^```js\n(.*?)^```$|^<!-- test\n(.*?)^-->$/gms;
const PROLOGUE = `
import assert from "node:assert/strict";
import { setLogLevel, terminate } from "firebase/firestore";
setLogLevel("silent"); // Refusals are part of the guide.
const printed = [];
console.log = (...words) => printed.push(words.join(" "));
async function until(condition) {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    assert.ok(Date.now() < deadline, "It did not come: " + condition);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
`;
const EPILOGUE = `
import { deleteApp } from "firebase/app";
await terminate(db);
await deleteApp(app);
`;

const text = readFileSync(guide, "utf8");
const parts = [...text.matchAll(PART)].map(([, code, check]) => code ?? check);
let source = PROLOGUE + parts.join("\n") + EPILOGUE;
for (const [from, to] of Object.entries(JSON.parse(replacements))) {
  if (!source.includes(from)) throw new Error(`The guide does not contain ${from}.`);
  source = source.replaceAll(from, to);
}
writeFileSync(program, source);
process.stdout.write(String(parts.length));
