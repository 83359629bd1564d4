// Where the local stack is. `python -m local.demo` says so; the defaults are those of `make run`.

const port = (name, usual) => Number(process.env[name] || usual);

export const HOST = "127.0.0.1";
export const PROJECT_ID = process.env.LOCAL_PROJECT_ID || "demo-taskflow";
export const FIRESTORE_PORT = port("LOCAL_FIRESTORE_PORT", 8080);
export const AUTH_URL = `http://${HOST}:${port("LOCAL_AUTH_PORT", 9099)}`;
export const API_URL = `http://${HOST}:${port("LOCAL_API_PORT", 8000)}`;
export const MAIL_URL = `http://${HOST}:${port("LOCAL_MAIL_PORT", 8126)}`;
export const FCM_URL = `http://${HOST}:${port("LOCAL_FCM_PORT", 8125)}`;
