// The output of a job, which goes on while the job runs: windows of lines, the newest first, earlier ones on demand.
// What is new comes as Server-Sent Events; where there are none, by asking every second.
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

// The newest window of lines, and the counter of an event that is surely in it.
async function begin() {
  const newest = place.dataset.events ? await call("GET", `${place.dataset.events}?order_by=-counter&page_size=1&count_disabled=1`) : null;
  const answer = await lines(-WINDOW);
  first = answer.range.start;
  next = first;
  append(answer);
  return newest && newest.results.length ? newest.results[0].counter : 0;
}

async function catchUp() {
  while (append(await lines(next, next + WINDOW)));
}

// Events that were heard become one block each twentieth of a second, however many they are.
function gatherer() {
  let waiting = [];
  let timer = 0;
  async function flush() {
    const rows = waiting;
    waiting = [];
    timer = 0;
    let content = "";
    const start = next;
    let end = next;
    for (const row of rows) {
      if (!row.stdout || row.end_line <= end) continue;
      if (row.start_line !== end) return catchUp();
      content += `${row.stdout.replaceAll("\r\n", "\n").replace(/\n$/, "")}\n`;
      end = row.end_line;
    }
    append({ range: { start, end }, content });
    return undefined;
  }
  return (row) => {
    waiting.push(row);
    timer = timer || setTimeout(flush, 50);
  };
}

// Listens until the job has ended; false where events cannot be heard.
function listen(after) {
  return new Promise((done) => {
    const events = new EventSource(`${place.dataset.live}?after=${after}`);
    const heard = gatherer();
    const close = (ended) => {
      events.close();
      done(ended);
    };
    events.addEventListener("job_event", (event) => heard(JSON.parse(event.data)));
    events.addEventListener("status", (event) => tell(JSON.parse(event.data).status));
    events.addEventListener("end", () => close(true));
    events.addEventListener("error", () => events.readyState === EventSource.CLOSED && close(false));
    window.addEventListener("pagehide", () => events.close());
  });
}

// Asks for what is new, until the job has ended and nothing is left.
async function poll() {
  let pause = PAUSE;
  for (;;) {
    try {
      const { status } = await call("GET", job);
      await catchUp();
      tell(status);
      pause = PAUSE;
      if (ENDED.has(status)) return;
    } catch (error) {
      if ([401, 403, 404].includes(error.status)) throw error;
      pause = Math.min(pause * 2, LONGEST_PAUSE); // the server may be restarting: the job goes on without it
    }
    await sleep(pause);
  }
}

async function run() {
  try {
    const { status } = await call("GET", job);
    const after = await begin();
    if (!ENDED.has(status) && place.dataset.live && (await listen(after))) place.dataset.heard = "yes";
    await poll();
    count();
    place.dataset.ended = "yes";
  } catch (error) {
    said.textContent = error.message;
  }
}

earlier.addEventListener("click", prepend);
terminal.addEventListener("wheel", (event) => {
  if (event.deltaY < 0) follow.checked = false;
}, { passive: true });
follow.addEventListener("change", () => {
  if (follow.checked) terminal.scrollTop = terminal.scrollHeight;
});
run();
