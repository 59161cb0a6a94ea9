// The form above a list: a filter by any field that OPTIONS declares.
import { element } from "./http.js";

const form = document.getElementById("filters");
const adding = form.querySelector(".adding");
const LOOKUPS = {
  string: ["icontains", "exact", "startswith", "iexact", "in", "isnull"],
  number: ["exact", "gt", "gte", "lt", "lte", "in", "isnull"],
  datetime: ["gt", "gte", "lt", "lte", "isnull"],
  boolean: ["exact"],
  choice: ["exact", "in"],
};
const WORDS = {
  exact: "is", icontains: "contains", startswith: "begins with", iexact: "is (any case)", in: "is one of", isnull: "is null",
  gt: ">", gte: "≥", lt: "<", lte: "≤",
};

function kindOf(type) {
  if (type === "id" || type === "integer" || type === "decimal") return "number";
  if (type === "date") return "datetime";
  return LOOKUPS[type] ? type : "string";
}

if (adding) {
  const [field, lookup, value, add] = ["field", "lookup", "value", "add"].map((name) => document.getElementById(`filter-${name}`));
  adding.hidden = false;
  adding.open = Boolean(form.querySelector(".chips"));

  const control = () => value.firstElementChild;

  function values(choices) {
    const select = element("select", {}, ...choices.map(([text, label]) => element("option", { value: text, textContent: label })));
    value.replaceChildren(select);
  }

  function describe() {
    const option = field.selectedOptions[0];
    const kind = kindOf(option.dataset.type || "string");
    const choices = JSON.parse(option.dataset.choices || "[]");
    if (lookup.dataset.kind !== option.value) {
      lookup.replaceChildren(...LOOKUPS[kind].map((name) => element("option", { value: name, textContent: WORDS[name] })));
      lookup.dataset.kind = option.value;
    }
    const many = lookup.value === "in";
    if (lookup.value === "isnull" || kind === "boolean") values([["true", "yes"], ["false", "no"]]);
    else if (choices.length && !many) values(choices);
    else value.replaceChildren(element("input", { placeholder: kind === "datetime" ? "2026-01-31T00:00:00Z" : many ? "a,b,c" : "" }));
  }

  function put() {
    if (!field.value) return field.focus();
    const name = lookup.value === "exact" ? field.value : `${field.value}__${lookup.value}`;
    form.append(element("input", { type: "hidden", name, value: control().value }));
    form.requestSubmit();
  }

  field.addEventListener("change", describe);
  lookup.addEventListener("change", describe);
  add.addEventListener("click", put);
  value.addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      put();
    }
  });
  describe();
}

// Empty fields stay out of the address.
form.addEventListener("submit", () => {
  for (const field of form.elements) {
    if (field.name && (field.value === "" || (field.name === "page_size" && field.value === "25"))) field.disabled = true;
  }
});
