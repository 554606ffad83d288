// Shows how far exports are until they have ended. Without this script, the page refreshes itself.

const FIRST_DELAY = 1000; // milliseconds until the first question
const LAST_DELAY = 10000; // between two questions about an export that takes long
const GROWTH = 1.2;
const ACTIVE = ["queued", "running"];

function follow(element) {
  let delay = FIRST_DELAY;
  let timer;

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden && "export" in element.dataset) {
      delay = FIRST_DELAY;
      ask();
    }
  });
  wait();

  function wait() {
    clearTimeout(timer);
    if (!document.hidden) {
      timer = setTimeout(ask, delay);
      delay = Math.min(delay * GROWTH, LAST_DELAY);
    }
  }

  async function ask() {
    try {
      const response = await fetch(element.dataset.export, {
        headers: { Accept: "application/json" },
      });
      if (response.redirected || response.status === 404) {
        location.reload(); // The user has logged out, or the export was deleted.
        return;
      }
      const status = await response.json();
      if (!ACTIVE.includes(status.state)) {
        await finish(element);
        return;
      }
      show(element, status.progress);
    } catch {
      // The server or the network may answer again.
    }
    wait();
  }
}

function partOf(element, name) {
  return element.querySelector(`[data-export-part="${name}"]`);
}

function show(element, progress) {
  for (const name of ["summary", "rows", "size", "speed", "remaining"]) {
    const part = partOf(element, name);
    // A screen reader announces the summary, so it changes only if the text does.
    if (part && part.textContent !== progress[name]) {
      part.textContent = progress[name];
    }
  }
  const bar = element.querySelector("progress");
  if (bar && progress.share === null) {
    bar.removeAttribute("value");
  } else if (bar) {
    bar.value = progress.share;
  }
}

// Shows the parts of an export that has ended, as the server renders them.
async function finish(element) {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const ended = page.getElementById(element.id);
  if (!ended) {
    location.reload(); // It is on another page of the list now.
    return;
  }
  for (const part of element.querySelectorAll("[data-export-part]")) {
    const rendered = partOf(ended, part.dataset.exportPart);
    part.className = rendered?.className ?? part.className;
    part.replaceChildren(...(rendered?.childNodes ?? []));
  }
  document.title = page.title;
  delete element.dataset.export;
}

document.querySelectorAll("[data-export]").forEach(follow);
