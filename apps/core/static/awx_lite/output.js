// The output of a job, which goes on while the job runs: windows of lines, the newest first, earlier ones on demand.
import { call, isLink } from "./http.js";
import { Painter } from "./sgr.js";

const place = document.getElementById("output");
const terminal = document.getElementById("terminal");
const earlier = document.getElementById("earlier");
const follow = document.getElementById("follow");
const said = document.getElementById("lines");
const badge = document.getElementById("status");
const source = place.dataset.stdout;
const job = isLink(place.dataset.job) ? place.dataset.job : source.replace(/stdout\/$/, "");

const WINDOW = 1000; // lines of one request
const MOST = 20000; // lines on the page: more make a browser slow
const ENDED = new Set(["successful", "failed", "error", "canceled"]);
const PAUSE = 1000;
const LONGEST_PAUSE = 15000;

const painter = new Painter();
const blocks = []; // [{node, lines}], in the order of the page
let first = 0;
let next = 0;
let shown = 0;

function lines(start, end) {
  const range = end === undefined ? `start_line=${start}` : `start_line=${start}&end_line=${end}`;
  return call("GET", `${source}?format=json&content_format=ansi&${range}`);
}

function block(content, painting) {
  const node = document.createElement("span");
  node.append(painting.paint(content));
  return node;
}

function tell(status) {
  if (badge && status) {
    badge.dataset.status = status;
    badge.textContent = status;
  }
}

function count() {
  said.textContent = `${next.toLocaleString()} lines`;
  earlier.hidden = first === 0;
}

function append(answer) {
  const { start, end } = answer.range;
  if (end <= start || !answer.content) return false;
  const node = block(answer.content, painter);
  blocks.push({ node, lines: end - start });
  terminal.append(node);
  shown += end - start;
  next = end;
  while (shown > MOST && blocks.length > 1) {
    const gone = blocks.shift();
    gone.node.remove();
    shown -= gone.lines;
    first += gone.lines;
  }
  count();
  if (follow.checked) terminal.scrollTop = terminal.scrollHeight;
  return true;
}

async function prepend() {
  earlier.disabled = true;
  try {
    const begin = Math.max(0, first - WINDOW);
    const answer = await lines(begin, first);
    const node = block(answer.content, new Painter());
    const before = terminal.scrollHeight;
    blocks.unshift({ node, lines: first - begin });
    shown += first - begin;
    terminal.prepend(node);
    first = begin;
    follow.checked = false;
    terminal.scrollTop = terminal.scrollHeight - before;
    count();
  } finally {
    earlier.disabled = false;
  }
}

const sleep = (time) => new Promise((wake) => setTimeout(wake, time));

// Reads what is new, until the job has ended and nothing is left.
async function run() {
  let pause = PAUSE;
  let begun = false;
  for (;;) {
    try {
      const { status } = await call("GET", job);
      if (!begun) {
        const answer = await lines(-WINDOW);
        first = answer.range.start;
        next = first;
        append(answer);
        begun = true;
      }
      while (append(await lines(next, next + WINDOW)));
      tell(status);
      pause = PAUSE;
      if (ENDED.has(status)) break;
    } catch (error) {
      if ([401, 403, 404].includes(error.status)) {
        said.textContent = error.message;
        return;
      }
      pause = Math.min(pause * 2, LONGEST_PAUSE); // the server may be restarting: the job goes on without it
    }
    await sleep(pause);
  }
  count();
  place.dataset.ended = "yes";
}

earlier.addEventListener("click", prepend);
terminal.addEventListener("wheel", (event) => {
  if (event.deltaY < 0) follow.checked = false;
}, { passive: true });
follow.addEventListener("change", () => {
  if (follow.checked) terminal.scrollTop = terminal.scrollHeight;
});
run();
