// The nodes of a workflow in columns: each one right of everything that leads to it.
import { call, element, isLink, shape } from "./http.js";

const place = document.getElementById("graph");
const [WIDE, HIGH, ACROSS, DOWN, EDGE] = [190, 48, 60, 22, 10];
const KINDS = { success_nodes: "success", failure_nodes: "failure", always_nodes: "always" };
const ENDED = new Set(["successful", "failed", "error", "canceled"]);

async function all(url) {
  const out = [];
  for (let at = `${url}?page_size=200&order_by=id`; at; ) {
    const page = await call("GET", at);
    out.push(...page.results);
    at = isLink(page.next) ? page.next : "";
  }
  return out;
}

// Column of each node: the longest way to it (a cycle ends the search).
function columns(nodes) {
  const column = new Map(nodes.map((node) => [node.id, 0]));
  for (let round = 0, moved = true; moved && round < nodes.length; round += 1) {
    moved = false;
    for (const node of nodes) {
      for (const target of Object.keys(KINDS).flatMap((kind) => node[kind] || [])) {
        if (column.has(target) && column.get(target) <= column.get(node.id)) {
          column.set(target, column.get(node.id) + 1);
          moved = true;
        }
      }
    }
  }
  return column;
}

function title(node) {
  const known = node.summary_fields || {};
  return ((known.job && known.job.name) || (known.unified_job_template && known.unified_job_template.name) || node.identifier || `#${node.id}`);
}

function box(node, x, y) {
  const job = (node.summary_fields || {}).job;
  const status = (job && job.status) || (node.do_not_run ? "skipped" : "");
  const name = title(node);
  const target = job && node.related && isLink(node.related.job) ? node.related.job : node.url;
  const link = shape("a", { href: isLink(target) ? target : "#", class: status ? `node-${status}` : "" });
  link.append(
    shape("title", {}, status ? `${name}: ${status}` : name),
    shape("rect", { x, y, width: WIDE, height: HIGH, rx: 6 }),
    shape("text", { x: x + 12, y: y + 20, class: "node-name" }, name.length > 24 ? `${name.slice(0, 23)}…` : name),
    shape("text", { x: x + 12, y: y + 37 }, status || (node.all_parents_must_converge ? "all" : "any")),
  );
  return link;
}

function draw(nodes) {
  const column = columns(nodes);
  const heights = [];
  const at = new Map();
  for (const node of nodes) {
    const x = column.get(node.id);
    heights[x] = (heights[x] || 0) + 1;
    at.set(node.id, [EDGE + x * (WIDE + ACROSS), EDGE + (heights[x] - 1) * (HIGH + DOWN)]);
  }
  const width = EDGE * 2 + heights.length * (WIDE + ACROSS) - ACROSS;
  const height = EDGE * 2 + Math.max(...heights) * (HIGH + DOWN) - DOWN;
  const svg = shape("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${nodes.length} nodes` });
  for (const node of nodes) {
    for (const [key, kind] of Object.entries(KINDS)) {
      for (const target of (node[key] || []).filter((id) => at.has(id))) {
        const [[x1, y1], [x2, y2]] = [at.get(node.id), at.get(target)];
        const [from, to, half] = [x1 + WIDE, x2, HIGH / 2];
        svg.append(shape("path", { class: `edge-${kind}`, d: `M${from},${y1 + half} C${from + 30},${y1 + half} ${to - 30},${y2 + half} ${to},${y2 + half}` }, shape("title", {}, kind)));
      }
    }
  }
  for (const node of nodes) svg.append(box(node, ...at.get(node.id)));
  return svg;
}

async function show() {
  const nodes = await all(place.dataset.nodes);
  place.replaceChildren(nodes.length ? draw(nodes) : element("p", { className: "dim", textContent: "This workflow has no nodes yet." }));
}

const badge = document.getElementById("status");

async function run() {
  for (;;) {
    try {
      await show();
      if (!badge) return;
      const { status } = await call("GET", location.pathname);
      badge.textContent = status;
      badge.dataset.status = status;
      if (ENDED.has(status) || !["pending", "waiting", "running"].includes(status)) return void (await show());
    } catch (error) {
      if ([401, 403, 404].includes(error.status)) return;
    }
    await new Promise((wake) => setTimeout(wake, 2000));
  }
}

run();
