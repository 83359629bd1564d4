// Takes e-mail and password to Firebase Auth, and the ID token it answers with to us.
"use strict";

const form = document.getElementById("sign-in");
const problem = document.getElementById("problem");

const WORDS = {
  INVALID_LOGIN_CREDENTIALS: "E-mail or password is not right.",
  INVALID_PASSWORD: "E-mail or password is not right.",
  EMAIL_NOT_FOUND: "E-mail or password is not right.",
  USER_DISABLED: "This account is disabled.",
  TOO_MANY_ATTEMPTS_TRY_LATER: "Too many attempts. Try again later.",
};

async function post(address, body) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    referrerPolicy: "no-referrer",
  });
  return [answer.status, answer.status === 204 ? {} : await answer.json()];
}

async function signIn() {
  const [status, found] = await post(`${form.dataset.address}?key=${form.dataset.key}`, {
    email: form.elements.email.value,
    password: form.elements.password.value,
    returnSecureToken: true,
  });
  if (status !== 200) {
    const code = String(found.error?.message ?? "").split(" ")[0];
    return WORDS[code] ?? "Firebase Auth did not let you in.";
  }
  if (!found.idToken) {
    return "This account asks for a second factor, which this page does not know.";
  }
  const [ours, refused] = await post("/admin/session", { idToken: found.idToken });
  if (ours !== 204) {
    return ours === 404 ? "This account is not one of the staff." : refused.detail;
  }
  window.location.assign("/admin/jobs");
  return "";
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  button.disabled = true;
  problem.textContent = "";
  try {
    problem.textContent = await signIn();
  } catch {
    problem.textContent = "There was no answer. Try again.";
  } finally {
    form.elements.password.value = "";
    button.disabled = false;
  }
});
