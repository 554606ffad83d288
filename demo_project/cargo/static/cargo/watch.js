// Downloads a report, counts what arrives, and shows the server's memory beside it. Without this
// script, the links download the file.

const INTERVAL = 250; // milliseconds between two looks at the memory
const MEGABYTE = 1e6;
const SCALES = { received: 1, memory: 1.5 }; // the height of the drawing, in heights of a line
const QUOTE = 34;
const LINE_FEED = 10;

const language = document.documentElement.lang;
const whole = new Intl.NumberFormat(language);
const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const decimal = new Intl.NumberFormat(language, digits);
const signed = new Intl.NumberFormat(language, { ...digits, signDisplay: "always" });

// Counts the lines of CSV, but no line end within quotes.
class LineCounter {
  bytes = 0;
  lines = 0;
  last = 0;
  isQuoted = false;

  add(block) {
    for (const byte of block) {
      if (byte === QUOTE) {
        this.isQuoted = !this.isQuoted;
      } else if (byte === LINE_FEED && !this.isQuoted) {
        this.lines += 1;
      }
    }
    this.bytes += block.length;
    this.last = block[block.length - 1];
  }

  get rows() {
    return Math.max(this.lines - 1, 0); // The first line is the header.
  }

  get isComplete() {
    return this.last === LINE_FEED;
  }
}

async function residentMemory(panel) {
  const response = await fetch(panel.dataset.memory);
  return (await response.json()).bytes;
}

// Returns how the download ends, which is the name of a sentence on the page.
async function download(url, counter, show) {
  const response = await fetch(url, { headers: { Accept: "text/csv" }, cache: "no-store" });
  if (response.status !== 200 || response.redirected) {
    return "rejected";
  }
  try {
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) {
        return counter.isComplete ? "complete" : "truncated";
      }
      counter.add(value);
      show();
    }
  } catch {
    return "failed";
  }
}

async function watch(panel) {
  const counter = new LineCounter();
  const before = await residentMemory(panel);
  const started = performance.now();
  const points = [];
  let memory = before;

  function show() {
    const seconds = (performance.now() - started) / 1000;
    points.push({ seconds, received: counter.bytes, memory });
    write(panel, "rows", whole.format(counter.rows));
    write(panel, "received", decimal.format(counter.bytes / MEGABYTE));
    write(panel, "seconds", decimal.format(seconds));
    if (memory !== null) {
      write(panel, "resident", decimal.format(memory / MEGABYTE));
      write(panel, "growth", signed.format((memory - before) / MEGABYTE));
    }
    draw(panel, points);
  }

  const timer = setInterval(async () => {
    memory = await residentMemory(panel);
  }, INTERVAL);
  showOutcome(panel, null);
  const outcome = await download(panel.dataset.watch, counter, show);
  clearInterval(timer);
  memory = await residentMemory(panel);
  show();
  showOutcome(panel, outcome);
}

function write(panel, name, text) {
  panel.querySelector(`[data-${name}]`).textContent = text;
}

// Each line begins at zero on a scale of its own: the file grows, and the memory stays level.
function draw(panel, points) {
  const seconds = points.at(-1).seconds;
  for (const name of ["received", "memory"]) {
    const top = Math.max(...points.map((point) => point[name]), 1) * SCALES[name];
    const places = points.map(
      (point) => `${(100 * point.seconds) / seconds},${100 - (100 * point[name]) / top}`,
    );
    panel.querySelector(`polyline.${name}`).setAttribute("points", places.join(" "));
  }
}

function showOutcome(panel, outcome) {
  for (const sentence of panel.querySelectorAll("[data-outcome]")) {
    sentence.hidden = sentence.dataset.outcome !== outcome;
  }
}

for (const panel of document.querySelectorAll("[data-watch]")) {
  const button = panel.querySelector("button");
  panel.hidden = false;
  button.addEventListener("click", async () => {
    button.disabled = true;
    await watch(panel);
    button.disabled = false;
  });
}
