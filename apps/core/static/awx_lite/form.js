// Forms: the fields write into the JSON body, and the body is what is sent.
import { call, element, isLink, notice, sentence } from "./http.js";

const LISTS = new Set(["list", "field", "list_of_ids", "multiple choice"]);
const AS_JSON = new Set([...LISTS, "json", "nested object", "object"]);

// The value of a field's control, typed as the API wants it; throws where the text is no JSON.
function read(field, control) {
  const kind = field.dataset.type;
  if (control.type === "checkbox") return control.checked;
  const text = control.value;
  if (kind === "integer" || kind === "decimal" || kind === "id") {
    if (Number.isNaN(Number(text))) throw new Error("This is no number.");
    return text.trim() === "" ? null : Number(text);
  }
  if (!AS_JSON.has(kind)) return text;
  if (text.trim() === "") return LISTS.has(kind) ? [] : "";
  if (LISTS.has(kind) && /^[\d\s,]+$/.test(text)) return text.split(",").filter((part) => part.trim()).map(Number); // 1, 2, 3
  try {
    return JSON.parse(text);
  } catch {
    if (kind === "json") return text; // variables may be YAML
    throw new Error("This is no JSON.");
  }
}

function say(field, text) {
  const line = field.querySelector(".error");
  line.textContent = text;
  line.hidden = !text;
}

function setUp(form) {
  const body = form.querySelector("[data-body]");
  const fields = new Map([...form.querySelectorAll("[data-field]")].map((field) => [field.dataset.field, field]));

  function write(field, control) {
    try {
      const value = read(field, control);
      const whole = JSON.parse(body.value.trim() || "{}");
      whole[field.dataset.field] = value;
      body.value = JSON.stringify(whole, null, 2);
      body.rows = Math.min(24, Math.max(6, body.value.split("\n").length + 1));
      field.classList.add("changed");
      say(field, "");
    } catch (error) {
      say(field, error.message);
    }
  }

  for (const field of fields.values()) {
    const control = field.querySelector("input, select, textarea");
    // While it is typed, not when it is left: the page must not move under the button that is about to be pressed.
    control.addEventListener(control.dataset.lookup ? "change" : "input", () => write(field, control));
    if (control.dataset.lookup) lookup(control, () => write(field, control));
  }

  function refused(error) {
    const rest = {};
    const wrong = [];
    for (const [name, messages] of Object.entries(typeof error.body === "object" && error.body ? error.body : { detail: error.message })) {
      const field = fields.get(name);
      if (!field || field.hidden) rest[name] = messages;
      else {
        say(field, sentence(messages));
        wrong.push(field);
      }
    }
    const line = form.querySelector(":scope > .error");
    const names = wrong.map((field) => field.querySelector("label").firstChild.textContent.trim());
    line.textContent = [sentence(rest), names.length ? `To mend: ${names.join(", ")}` : ""].filter(Boolean).join("\n");
    line.hidden = false;
    if (wrong.length) wrong[0].querySelector("input, select, textarea").focus();
    else line.scrollIntoView({ block: "nearest" });
  }

  async function send(method) {
    for (const field of fields.values()) say(field, "");
    form.querySelector(":scope > .error").hidden = true;
    let text = body.value.trim() || "{}";
    if (method === "PUT" && form.dataset.whole) text = JSON.stringify({ ...JSON.parse(form.dataset.whole), ...JSON.parse(text) });
    JSON.parse(text);
    const answer = await call(method, form.getAttribute("action"), text);
    const url = answer && isLink(answer.url) ? answer.url : "";
    if (method === "POST" && url && url !== location.pathname) location.assign(url);
    else location.reload();
  }

  for (const button of form.querySelectorAll("[data-method]")) {
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      button.disabled = true;
      notice("");
      try {
        await send(button.dataset.method);
      } catch (error) {
        refused(error instanceof SyntaxError ? { message: `The body is no JSON: ${error.message}` } : error);
      } finally {
        button.disabled = false;
      }
    });
  }
}

// Offers the objects of a list by name; choosing one puts its id into the control.
function lookup(control, chosen) {
  const around = element("div", { className: "found" });
  control.replaceWith(around);
  const list = element("ul", { hidden: true });
  around.append(control, list);
  let asked = 0;

  async function ask() {
    const number = ++asked;
    const text = control.value.trim();
    const query = new URLSearchParams({ page_size: "10" });
    if (/^\d+$/.test(text)) query.set("id", text);
    else if (text) query.set("search", text);
    let rows = [];
    try {
      rows = (await call("GET", `${control.dataset.lookup}?${query}`)).results || [];
    } catch {
      rows = []; // a list that cannot be searched offers nothing: the id can be typed
    }
    if (number !== asked) return;
    list.replaceChildren(...rows.map(offer));
    list.hidden = rows.length === 0;
  }

  function offer(row) {
    const name = row.name || row.username || row.hostname || `#${row.id}`;
    const button = element("button", { type: "button", textContent: `${row.id} · ${name}` });
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      control.value = row.id;
      list.hidden = true;
      chosen();
      control.dispatchEvent(new Event("chosen"));
    });
    return element("li", {}, button);
  }

  let waiting = 0;
  control.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, 200);
  });
  control.addEventListener("focus", ask);
  control.addEventListener("blur", (event) => {
    if (!around.contains(event.relatedTarget)) list.hidden = true;
  });
}

document.querySelectorAll("[data-form]").forEach(setUp);
