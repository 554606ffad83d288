// Downloads a report, counts what arrives, and shows the server's memory beside it. Without this
// script, the links download the file.

const INTERVAL = 250; // milliseconds between two looks at the memory
const MEGABYTE = 1e6;
const QUOTE = 34;
const LINE_FEED = 10;
const HEIGHTS = { received: 1, memory: 1.5 }; // of a drawing, in heights of its line

const language = document.documentElement.lang;
const digits = { minimumFractionDigits: 1, maximumFractionDigits: 1 };
const whole = new Intl.NumberFormat(language);
const decimal = new Intl.NumberFormat(language, digits);
const signed = new Intl.NumberFormat(language, { ...digits, signDisplay: "exceptZero" });

// Counts the lines of CSV, but no line ending within quotes.
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
    this.last = block.at(-1);
  }

  get rows() {
    return Math.max(this.lines - 1, 0); // The first line is the header.
  }

  get isComplete() {
    return this.last === LINE_FEED;
  }
}

// Returns how the download ends, which is the name of a sentence on the page.
async function download(url, counter, show) {
  try {
    const response = await fetch(url, { headers: { Accept: "text/csv" }, cache: "no-store" });
    if (response.status !== 200 || response.redirected) {
      return "rejected";
    }
    const reader = response.body.getReader();
    for (;;) {
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

// Returns the memory in bytes; null if the server does not tell.
async function memoryOf(panel) {
  try {
    const response = await fetch(panel.dataset.memory);
    return (await response.json()).bytes;
  } catch {
    return null;
  }
}

async function watch(panel) {
  showOutcome(panel, null);
  const before = await memoryOf(panel);
  const counter = new LineCounter();
  const started = performance.now();
  const points = [];
  let memory = before;

  const look = async () => {
    memory = (await memoryOf(panel)) ?? memory;
  };
  const show = () => {
    const seconds = (performance.now() - started) / 1000;
    points.push({ seconds, received: counter.bytes, memory });
    write(panel, "rows", whole.format(counter.rows));
    write(panel, "seconds", decimal.format(seconds));
    write(panel, "received", decimal.format(counter.bytes / MEGABYTE));
    write(panel, "memory-used", decimal.format(memory / MEGABYTE));
    write(panel, "growth", signed.format((memory - before) / MEGABYTE));
    draw(panel, points);
  };

  panel.querySelector("[data-resident]").hidden = before === null;
  show();
  const timer = setInterval(look, INTERVAL);
  const outcome = await download(panel.dataset.watch, counter, show);
  clearInterval(timer);
  await look();
  show();
  showOutcome(panel, outcome);
}

function write(panel, name, text) {
  panel.querySelector(`[data-${name}]`).textContent = text;
}

// Each drawing begins at zero.
function draw(panel, points) {
  const seconds = points.at(-1).seconds || 1;
  for (const name of ["received", "memory"]) {
    const top = Math.max(...points.map((point) => point[name]), 1) * HEIGHTS[name];
    const places = points.map(
      (point) => `${(100 * point.seconds) / seconds},${100 - (100 * point[name]) / top}`,
    );
    panel.querySelector(`[data-line=${name}]`).setAttribute("points", places.join(" "));
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
    if (button.ariaDisabled !== "true") {
      button.ariaDisabled = "true"; // A disabled button would lose the focus.
      await watch(panel);
      button.ariaDisabled = "false";
    }
  });
}
