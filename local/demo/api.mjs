// Calls of the REST API, as an app makes them.

import { Miss } from "./screen.mjs";
import { API_URL } from "./stack.mjs";

const ATTEMPTS = 5; // A 503 says when to come back, and an app does.
const TIMEOUT_MS = 30_000;

/**
 * Call the API and return the parsed body of the answer, `{}` for none.
 *
 * Any status other than `expect` is a Miss that names the problem's code.
 */
export async function call(method, path, options) {
  return (await command(method, path, options)).body;
}

/** As `call`, with the token that takes it back: `{ body, undo }`. */
export async function command(method, path, { token, body, expect = 200 } = {}) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(method, path, { token, body });
    if (answer.status !== 503 || attempt === ATTEMPTS) return read(answer, method, path, expect);
    const retryAfterMs = Number(answer.headers.get("retry-after")) * 1_000;
    await new Promise((resolve) => setTimeout(resolve, retryAfterMs));
  }
}

async function send(method, path, { token, body }) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  return fetch(`${API_URL}/api/v1${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error) => {
    throw new Miss(`The API does not answer at ${API_URL} (${error.cause?.code ?? error.name}).`);
  });
}

async function read(answer, method, path, expect) {
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json");
  const parsed = text && isJson ? JSON.parse(text) : {};
  if (answer.status !== expect) {
    const told = parsed.code ? `${answer.status} ${parsed.code}: ${parsed.detail}` : answer.status;
    throw new Miss(`${method} ${path} answered ${told} instead of ${expect}.`);
  }
  return { body: parsed, undo: answer.headers.get("undo-token") };
}
