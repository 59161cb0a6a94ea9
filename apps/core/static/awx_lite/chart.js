// Finished jobs by day or hour, as bars of their results.
import { call, element, shape } from "./http.js";

const place = document.getElementById("chart");
const controls = [...place.querySelectorAll("select")];
const picture = place.querySelector(".picture");
const ORDER = ["successful", "failed", "canceled", "error"];
const [HEIGHT, LEFT, BOTTOM, TOP] = [240, 34, 24, 10];
let latest = null; // [jobs, byHour]: drawn anew when the place gets wider or narrower

function label(seconds, byHour) {
  const at = new Date(seconds * 1000);
  return byHour ? at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })
    : at.toLocaleDateString(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
}

function grid(most, wide) {
  const out = [];
  const step = Math.max(1, Math.ceil(most / 4));
  for (let value = 0; value <= most; value += step) {
    const y = height(value, most);
    out.push(shape("line", { x1: LEFT, x2: wide, y1: y, y2: y, class: "axis" }));
    out.push(shape("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, String(value)));
  }
  return out;
}

function height(value, most) {
  return HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP);
}

function draw(jobs, byHour) {
  const wide = Math.max(280, picture.clientWidth);
  const slots = jobs.successful.map(([at], i) => ({ at, counts: ORDER.map((status) => jobs[status][i][1]) }));
  const totals = ORDER.map((_, i) => slots.reduce((sum, slot) => sum + slot.counts[i], 0));
  const most = Math.max(1, ...slots.map((slot) => slot.counts.reduce((a, b) => a + b, 0)));
  const width = (wide - LEFT) / slots.length;
  const svg = shape("svg", { width: wide, height: HEIGHT, viewBox: `0 0 ${wide} ${HEIGHT}`, role: "img" });
  svg.append(shape("title", {}, `Jobs: ${ORDER.map((status, i) => `${totals[i]} ${status}`).join(", ")}`), ...grid(most, wide));
  const every = Math.ceil((slots.length * 64) / (wide - LEFT));
  slots.forEach((slot, at) => {
    const x = LEFT + at * width;
    let below = 0;
    const bar = shape("g", {}, shape("title", {}, `${label(slot.at, byHour)}: ${ORDER.map((s, i) => `${slot.counts[i]} ${s}`).join(", ")}`));
    bar.append(shape("rect", { x, y: TOP, width, height: HEIGHT - BOTTOM - TOP, "fill-opacity": 0 }));
    slot.counts.forEach((value, i) => {
      if (!value) return;
      const [low, high] = [height(below, most), height(below + value, most)];
      bar.append(shape("rect", { x: x + width * 0.15, y: high, width: width * 0.7, height: low - high, class: `bar-${ORDER[i]}` }));
      below += value;
    });
    svg.append(bar);
    if (at % every === 0) svg.append(shape("text", { x: x + width / 2, y: HEIGHT - 6, "text-anchor": "middle" }, label(slot.at, byHour)));
  });
  const legend = element("p", { className: "legend" }, ...ORDER.map((status, i) => element("span", {},
    shape("svg", { viewBox: "0 0 10 10", "aria-hidden": "true" }, shape("rect", { width: 10, height: 10, rx: 2, class: `bar-${status}` })),
    `${totals[i].toLocaleString()} ${status}`)));
  picture.replaceChildren(svg, legend);
}

async function show() {
  const query = new URLSearchParams(controls.map((control) => [control.name, control.value]));
  try {
    const { jobs } = await call("GET", `${place.dataset.source}?${query}`);
    latest = [jobs, query.get("period") === "day"];
    draw(...latest);
  } catch (error) {
    picture.replaceChildren(element("p", { className: "error", textContent: error.message }));
  }
}

new ResizeObserver(() => latest && picture.querySelector("svg")?.clientWidth !== picture.clientWidth && draw(...latest)).observe(picture);
controls.forEach((control) => control.addEventListener("change", show));
show();
