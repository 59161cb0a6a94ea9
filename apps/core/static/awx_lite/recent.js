// The newest jobs, as they change.
import { call, element, isLink } from "./http.js";

const place = document.getElementById("recent");
const PAUSE = 5000;

function row(job) {
  const badge = element("span", { className: "badge", textContent: job.status });
  badge.dataset.status = job.status;
  const at = job.finished || job.started || job.created;
  return element("a", { href: isLink(job.url) ? job.url : "#" }, badge, element("span", { textContent: job.name }),
    element("span", { className: "dim", textContent: `#${job.id} · ${job.type.replaceAll("_", " ")} · ${new Date(at).toLocaleString()}` }));
}

async function show() {
  try {
    const { results } = await call("GET", place.dataset.source);
    place.replaceChildren(...(results.length ? results.map(row) : [element("p", { className: "dim", textContent: "No job has run yet." })]));
  } catch (error) {
    place.replaceChildren(element("p", { className: "error", textContent: error.message }));
  }
  setTimeout(show, document.hidden ? PAUSE * 6 : PAUSE);
}

show();
