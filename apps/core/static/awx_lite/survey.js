// The questions of a template's survey above its launch form.
import { call, element } from "./http.js";
import { ask } from "./questions.js";

const form = document.querySelector("[data-survey]");
const KINDS = { textarea: "lines", multiplechoice: "choice", multiselect: "choices" };

function question(given) {
  const choices = given.choices || [];
  return {
    variable: given.variable,
    label: given.question_name,
    kind: KINDS[given.type] || given.type,
    required: given.required,
    help: given.question_description,
    choices: Array.isArray(choices) ? choices : String(choices).split("\n").filter(Boolean),
    initial: given.default,
    min: given.min,
    max: given.max,
  };
}

const { name, description, spec = [] } = await call("GET", form.dataset.survey);
if (spec.length) {
  const about = element("span", { className: "dim", textContent: ` ${description || ""}` });
  form.prepend(element("p", {}, element("strong", { textContent: name || "Survey" }), about), ask(form, "extra_vars", spec.map(question)));
}
