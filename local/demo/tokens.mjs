// ID tokens that must not pass, made from one that does. The Auth emulator's tokens are unsigned,
// so only the API's own checks stand between these and somebody's data.

/** Return `token` as it would look an hour after it expired. */
export function expired(token) {
  const longAgo = Math.floor(Date.now() / 1000) - 7_200;
  return edited(token, { iat: longAgo, auth_time: longAgo, exp: longAgo + 3_600 });
}

/** Return `token` as another Firebase project would have issued it. */
export function ofAnotherProject(token) {
  const project = "demo-somebody-else";
  return edited(token, { aud: project, iss: `https://securetoken.google.com/${project}` });
}

function edited(token, changes) {
  const [header, payload] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const changed = Buffer.from(JSON.stringify({ ...claims, ...changes })).toString("base64url");
  return `${header}.${changed}.`;
}
