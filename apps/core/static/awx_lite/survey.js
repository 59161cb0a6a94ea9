// The questions of a template's survey above its launch form; answers go into extra_vars of the body.
import { call, element } from "./http.js";

const form = document.querySelector("[data-survey]");
const body = form.querySelector("[data-body]");

function choicesOf(question) {
  const given = question.choices || [];
  return Array.isArray(given) ? given : String(given).split("\n").filter(Boolean);
}

function controlOf(question) {
  const kind = question.type;
  if (kind === "multiplechoice" || kind === "multiselect") {
    const chosen = Array.isArray(question.default) ? question.default : String(question.default ?? "").split("\n");
    const options = choicesOf(question).map((text) => element("option", { value: text, textContent: text, selected: chosen.includes(text) }));
    const open = kind === "multiplechoice" && !chosen.some((text) => text) ? [element("option", { value: "", textContent: "…" })] : [];
    return element("select", { multiple: kind === "multiselect" }, ...open, ...options);
  }
  if (kind === "textarea") return element("textarea", { rows: 3, value: question.default ?? "" });
  const number = kind === "integer" || kind === "float";
  const input = element("input", { type: number ? "number" : kind === "password" ? "password" : "text", value: question.default ?? "" });
  if (number) Object.assign(input, { step: kind === "integer" ? "1" : "any", min: question.min ?? "", max: question.max ?? "" });
  if (kind === "password") input.autocomplete = "new-password";
  return input;
}

function valueOf(question, control) {
  if (question.type === "multiselect") return [...control.selectedOptions].map((option) => option.value);
  if (question.type === "integer" || question.type === "float") return control.value === "" ? undefined : Number(control.value);
  return control.value === "" && !question.required ? undefined : control.value;
}

function write(question, control) {
  const whole = JSON.parse(body.value.trim() || "{}");
  const answers = typeof whole.extra_vars === "object" && whole.extra_vars ? whole.extra_vars : {};
  const value = valueOf(question, control);
  if (value === undefined) delete answers[question.variable];
  else answers[question.variable] = value;
  body.value = JSON.stringify({ ...whole, extra_vars: answers }, null, 2);
}

function field(question) {
  const control = controlOf(question);
  control.id = `survey-${question.variable}`;
  control.addEventListener("change", () => write(question, control));
  const name = element("label", { htmlFor: control.id, textContent: question.question_name });
  if (question.required) name.append(element("abbr", { title: "required", textContent: " *" }));
  const about = element("span", { className: "dim", textContent: `${question.variable} · ${question.type}` });
  const help = question.question_description ? [element("small", { textContent: question.question_description })] : [];
  if (question.required && question.default !== "" && question.default !== undefined) write(question, control);
  return element("div", { className: "field" }, name, about, control, ...help);
}

const { name, description, spec = [] } = await call("GET", form.dataset.survey);
if (spec.length) {
  const title = element("p", {}, element("strong", { textContent: name || "Survey" }), element("span", { className: "dim", textContent: ` ${description || ""}` }));
  form.prepend(title, element("div", { className: "fields" }, ...spec.map(field)));
}
