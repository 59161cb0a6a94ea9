// What every page does: buttons for verbs and deletion; the rest is loaded where the page has it.
import { call, isLink, notice } from "./http.js";

// Runs a button's action once at a time and shows what went wrong.
async function act(button, action) {
  button.toggleAttribute("disabled", true);
  notice("");
  try {
    await action();
  } catch (error) {
    notice(error.message, true);
  } finally {
    button.toggleAttribute("disabled", false);
  }
}

const NEEDS_ANSWERS = { launch: "can_start_without_user_input", relaunch: "", cancel: "can_cancel", update: "can_update" };

// POST without a body; where answers are needed, the verb's own page has the form.
async function verb(link) {
  const name = link.dataset.verb;
  const key = NEEDS_ANSWERS[name];
  if (key) {
    const state = await call("GET", link.getAttribute("href"));
    if (state && state[key] === false) {
      if (name === "launch") return location.assign(link.href);
      throw new Error(`This cannot be done now (${key} is false).`);
    }
  }
  let answer;
  try {
    answer = await call("POST", link.getAttribute("href"), "{}");
  } catch (error) {
    if (error.status === 400 && name !== "cancel") return location.assign(link.href);
    throw error;
  }
  if (answer && isLink(answer.url) && answer.url !== location.pathname) location.assign(answer.url);
  else location.reload();
}

for (const link of document.querySelectorAll("[data-at-once]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!link.hasAttribute("disabled")) act(link, () => verb(link));
  });
}

for (const button of document.querySelectorAll("[data-delete]")) {
  button.addEventListener("click", () => {
    if (!window.confirm(`${button.textContent}? This cannot be undone.`)) return;
    act(button, async () => {
      await call("DELETE", button.dataset.delete);
      if (button.textContent === "Delete") location.assign(button.dataset.delete.replace(/[^/]+\/$/, ""));
      else location.reload();
    });
  });
}

for (const button of document.querySelectorAll("[data-detach]")) {
  button.addEventListener("click", () =>
    act(button, async () => {
      await call("POST", location.pathname, JSON.stringify({ id: Number(button.dataset.detach), disassociate: true }));
      location.reload();
    }),
  );
}

for (const button of document.querySelectorAll("[data-open]")) {
  button.addEventListener("click", () => {
    const form = document.getElementById(button.dataset.open);
    form.open = true;
    form.scrollIntoView({ block: "start" });
    form.querySelector("input, select, textarea")?.focus({ preventScroll: true });
  });
}

for (const moment of document.querySelectorAll("time")) {
  const at = new Date(moment.dateTime);
  if (!Number.isNaN(at.getTime())) {
    moment.title = `${moment.title} ${moment.dateTime}`.trim();
    moment.textContent = at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
}

const PARTS = {
  "[data-form]": "./form.js",
  "#filters": "./filters.js",
  "#output": "./output.js",
  "#chart": "./chart.js",
  "#graph": "./graph.js",
  "#recent": "./recent.js",
  "[data-survey]": "./survey.js",
  "[data-field=inputs]": "./credential.js",
};
for (const [selector, part] of Object.entries(PARTS)) {
  if (document.querySelector(selector)) import(part);
}
