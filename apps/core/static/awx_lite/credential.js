// The inputs of a credential as its type asks for them.
import { call } from "./http.js";
import { ask } from "./questions.js";

const KINDS = { boolean: "boolean" };

function question(required, known) {
  return (given) => ({
    variable: given.id,
    label: given.label,
    kind: KINDS[given.type] || (given.choices ? "choice" : given.multiline ? "lines" : given.secret ? "password" : "text"),
    required: required.includes(given.id),
    help: given.help_text,
    choices: given.choices || [],
    initial: known[given.id] ?? given.default ?? "",
  });
}

function setUp(kind) {
  const form = kind.closest("[data-form]");
  const place = form.querySelector("[data-field=inputs]");
  const known = JSON.parse(form.dataset.whole || "{}").inputs || {};
  let shown = null;
  let current = ""; // choosing tells twice, and fields in which somebody types already must stay

  async function describe() {
    const id = kind.value.trim();
    if (!/^\d+$/.test(id) || id === current) return;
    current = id;
    const { inputs } = await call("GET", `/api/v2/credential_types/${id}/`);
    const fields = ask(form, "inputs", (inputs.fields || []).map(question(inputs.required || [], known)), known);
    shown?.remove();
    shown = fields;
    place.closest(".fields").after(fields);
    place.hidden = true;
  }

  kind.addEventListener("change", describe);
  kind.addEventListener("chosen", describe);
  describe();
}

document.querySelectorAll("[data-field=credential_type] input").forEach(setUp);
