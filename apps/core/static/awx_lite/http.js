// Requests to the API as the logged-in user, and what is said about their answers.

export class Refused extends Error {
  constructor(status, body) {
    super(sentence(body) || `The server answered ${status}.`);
    this.status = status;
    this.body = body;
  }
}

// An error document as lines of text.
export function sentence(body) {
  if (body === null || body === undefined) return "";
  if (typeof body !== "object") return String(body);
  if (Array.isArray(body)) return body.map(sentence).filter(Boolean).join("\n");
  return Object.entries(body)
    .map(([name, value]) => (name === "detail" || name === "__all__" || name === "error" ? sentence(value) : `${name}: ${sentence(value)}`))
    .join("\n");
}

function cookie(name) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${name}=`));
  return found ? decodeURIComponent(found.slice(name.length + 1)) : "";
}

// The answer's document (null where there is none); throws Refused for anything but success.
export async function call(method, url, body) {
  const headers = { Accept: "application/json" };
  if (method !== "GET") headers["X-CSRFToken"] = cookie("csrftoken");
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const answer = await fetch(url, { method, headers, body, credentials: "same-origin" });
  const text = await answer.text();
  let found = null;
  try {
    found = text ? JSON.parse(text) : null;
  } catch {
    found = text.slice(0, 500);
  }
  if (!answer.ok) throw new Refused(answer.status, found);
  return found;
}

export function notice(text, bad = false) {
  const line = document.getElementById("notice");
  line.textContent = text;
  line.classList.toggle("bad", bad);
  line.hidden = !text;
  if (text) line.scrollIntoView({ block: "nearest" });
}

// Only paths of the API are ever followed.
export function isLink(url) {
  return typeof url === "string" && /^\/api\/(v2|controller|gateway)\/[\w\-./~%?=&+:,@]*$/.test(url);
}

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

export function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}
