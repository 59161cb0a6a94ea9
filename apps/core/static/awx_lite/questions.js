// Fields that are known only at run time (a survey, the inputs of a credential's type): answers go into one key of the body.
import { element } from "./http.js";

// A question: {variable, label, kind, required, help, choices, initial, min, max}
function controlOf(question) {
  const { kind, initial } = question;
  if (kind === "boolean") return element("input", { type: "checkbox", checked: Boolean(initial) });
  if (kind === "choice" || kind === "choices") {
    const chosen = Array.isArray(initial) ? initial : String(initial ?? "").split("\n");
    const options = question.choices.map((text) => element("option", { value: text, textContent: text, selected: chosen.includes(text) }));
    const open = kind === "choice" && !chosen.some((text) => text) ? [element("option", { value: "", textContent: "…" })] : [];
    return element("select", { multiple: kind === "choices" }, ...open, ...options);
  }
  if (kind === "lines") return element("textarea", { rows: 3, value: initial ?? "", spellcheck: false });
  const input = element("input", { type: { integer: "number", float: "number", password: "password" }[kind] || "text", value: initial ?? "" });
  if (input.type === "number") Object.assign(input, { step: kind === "integer" ? "1" : "any", min: question.min ?? "", max: question.max ?? "" });
  if (kind === "password") input.autocomplete = "new-password";
  return input;
}

function valueOf(question, control) {
  if (question.kind === "boolean") return control.checked;
  if (question.kind === "choices") return [...control.selectedOptions].map((option) => option.value);
  if (control.type === "number") return control.value === "" ? undefined : Number(control.value);
  return control.value === "" && !question.required ? undefined : control.value;
}

// The fields of the questions as one element; `whole` is what the object has by now under this key.
export function ask(form, key, questions, whole = {}) {
  const body = form.querySelector("[data-body]");

  function write(question, control) {
    const all = JSON.parse(body.value.trim() || "{}");
    const answers = typeof all[key] === "object" && all[key] ? all[key] : { ...whole };
    const value = valueOf(question, control);
    if (value === undefined) delete answers[question.variable];
    else answers[question.variable] = value;
    body.value = JSON.stringify({ ...all, [key]: answers }, null, 2);
    body.rows = Math.min(24, Math.max(6, body.value.split("\n").length + 1));
  }

  function field(question) {
    const control = controlOf(question);
    control.id = `${key}-${question.variable}`;
    control.addEventListener("input", () => write(question, control));
    const name = element("label", { htmlFor: control.id, textContent: question.label });
    if (question.required) name.append(element("abbr", { title: "required", textContent: " *" }));
    const about = element("span", { className: "dim", textContent: `${question.variable} · ${question.kind}` });
    const help = question.help ? [element("small", { textContent: question.help })] : [];
    if (question.required && question.initial !== "" && question.initial !== undefined && !(question.variable in whole)) write(question, control);
    return element("div", { className: "field" }, name, about, control, ...help);
  }

  return element("div", { className: "fields" }, ...questions.map(field));
}
