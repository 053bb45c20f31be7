/* The one way to the program: asks, gives up what is no longer wanted, and tells whether it can be reached. */

const BASE = new URL("api/v1/", document.baseURI);
const FIRST_RETRY = 1000, LAST_RETRY = 30_000; // milliseconds
const OLD = 500; // milliseconds after which events are new

/** What the program said to a request that it did not do. */
class Refused extends Error {
  constructor(status, said) {
    super(said.sentence ?? "");
    this.status = status;
    this.place = said.place ?? null; // of a query: where it is wrong, in code points
    this.instead = said.did_you_mean ?? null;
    this.present = said.present ?? null; // of a caption: what another wrote meanwhile
  }
}

/** Tells of `lost`, `back` and `locked` (a token is wanted). */
export const connection = new EventTarget();

let lost = false;

export const address = (path, query = {}) => {
  const url = new URL(path, BASE);
  for (const [name, value] of Object.entries(query)) if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
  return url.href;
};

export const get = (path, query, signal) => ask("GET", address(path, query), undefined, signal);
export const put = (path, body) => ask("PUT", address(path), body);
export const post = (path, body, signal, query) => ask("POST", address(path, query), body, signal);

async function ask(method, url, body, signal) {
  const form = body instanceof FormData;
  let reply;
  try {
    reply = await fetch(url, {
      method,
      signal,
      keepalive: method === "PUT", // what a person wrote arrives though the page goes
      body: body === undefined || form ? body : JSON.stringify(body),
      headers: body === undefined || form ? {} : { "Content-Type": "application/json" },
    });
  } catch (error) {
    if (error.name !== "AbortError") setLost(true);
    throw error;
  }
  setLost(false);
  const said = reply.headers.get("Content-Type")?.includes("json") ? await reply.json() : {};
  if (reply.ok) return said;
  if (reply.status === 401) connection.dispatchEvent(new Event("locked"));
  throw new Refused(reply.status, said);
}

function setLost(now) {
  if (now === lost) return;
  lost = now;
  connection.dispatchEvent(new Event(now ? "lost" : "back"));
  if (now) retry();
}

async function retry() {
  for (let failed = 0; lost; failed++) {
    await patience(failed);
    if (lost) await get("status").catch(() => {});
  }
}

/** Wait before something that failed so many times before is tried again: not at all once there is more hope. */
export function patience(failed) {
  return new Promise((tried) => {
    const ends = new AbortController();
    const end = () => {
      clearTimeout(timer);
      ends.abort();
      tried();
    };
    const timer = setTimeout(end, Math.min(FIRST_RETRY * 2 ** failed, LAST_RETRY));
    connection.addEventListener("back", end, ends);
    addEventListener("online", end, ends);
    document.addEventListener("visibilitychange", () => document.hidden || end(), ends);
  });
}

/** Hear of events: `heard(event, old)`; old: it tells how things stood as this began. It begins again by itself. */
export function listen(heard) {
  let failed = 0;
  const start = () => {
    let began = Infinity;
    const source = new EventSource(address("events"));
    source.addEventListener("open", () => {
      began = performance.now();
      failed = 0;
    });
    source.addEventListener("message", ({ data }) => heard(JSON.parse(data), performance.now() - began < OLD));
    source.addEventListener("error", async () => {
      source.close(); // it would ask again every few seconds
      const locked = await get("status").then(() => false, ({ status }) => status === 401);
      if (locked) return;
      await patience(failed++);
      start();
    });
  };
  start();
}
