// Shows the first rows of a report while its form is filled in. Without this script, the form's
// button does the same.

const DELAY = 400; // milliseconds without input

function followForm(form) {
  let timer;
  let request = new AbortController();
  let shown = location.search;

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(update, DELAY);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(timer);
    await update();
    document.querySelectorAll("[data-report-panel]").forEach(closeIfNarrow);
  });
  addEventListener("popstate", () => {
    if (location.search !== shown) {
      location.reload(); // The fields change as well.
    }
  });

  async function update() {
    request.abort();
    const current = (request = new AbortController());
    startLoading(form);
    try {
      const response = await fetch(addressOf(form), {
        headers: { Accept: "text/html" },
        signal: current.signal,
      });
      const url = new URL(response.url);
      if (url.pathname !== location.pathname) {
        location.assign(url); // the log-in page
        return;
      }
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      showPage(form, page);
      if (url.search !== shown) {
        shown = url.search;
        history.pushState(null, "", url);
      }
    } catch {
      if (!current.signal.aborted) {
        showFailure(form);
      }
    }
  }
}

// The address of the page that the form asks for. It is canonical, so that the server need not
// redirect to the canonical one.
function addressOf(form) {
  const filled = [...new FormData(form)].filter(([, value]) => value.trim());
  const query = new URLSearchParams(filled);
  const list = form.querySelector("[data-report-columns]");
  if (list) {
    setColumns(query, list);
  }
  const url = new URL(location.href);
  url.search = query.toString().replaceAll("%2C", ",");
  url.hash = "";
  return url;
}

// Replaces the positions of columns by the names of the chosen ones in their order. Of two columns
// with the same position, the one that was moved is meant to have it.
function setColumns(query, list) {
  const chosen = [];
  let param;
  [...list.children].forEach((item, index) => {
    const [box, position] = item.querySelectorAll("input");
    const place = position.value ? Number(position.value) : Infinity;
    param = box.name;
    query.delete(position.name);
    if (box.checked) {
      chosen.push({ name: box.value, place: place + Math.sign(place - index - 1) / 2 });
    }
  });
  chosen.sort((one, other) => one.place - other.place || 0); // Infinity - Infinity is NaN.
  const names = chosen.map((column) => column.name).join(",");
  query.delete(param);
  if (names && names !== list.dataset.default) {
    query.set(param, names);
  }
}

function resultsIn(page) {
  return page.querySelector("[data-report-results]");
}

function say(form, text) {
  form.querySelector("[data-report-status]").textContent = text;
}

function startLoading(form) {
  resultsIn(document).setAttribute("aria-busy", "true");
  say(form, form.dataset.loading);
}

// Throws a TypeError for a page that is not one of the report, such as an error page.
function showPage(form, page) {
  const results = resultsIn(page);
  const summary = results.querySelector("[data-report-summary], .report-notice");
  resultsIn(document).replaceWith(results);
  showErrors(form, page);
  sortColumns(form, page);
  say(form, summary ? summary.textContent.replace(/\s+/g, " ").trim() : "");
}

function showFailure(form) {
  const notice = document.createElement("p");
  notice.classList.add("report-notice", "report-notice-error");
  notice.textContent = form.dataset.failed;
  const results = resultsIn(document);
  results.removeAttribute("aria-busy");
  results.replaceChildren(notice);
  say(form, form.dataset.failed);
}

// The fields stay, as the user may be typing in one; the errors beside them change.
function showErrors(form, page) {
  for (const errors of document.querySelectorAll("[data-report-errors]")) {
    errors.replaceChildren(...page.getElementById(errors.id).childNodes);
  }
  for (const field of form.querySelectorAll("input[id], select[id], textarea[id]")) {
    for (const name of ["aria-invalid", "aria-describedby"]) {
      const value = page.getElementById(field.id)?.getAttribute(name);
      if (value) {
        field.setAttribute(name, value);
      } else {
        field.removeAttribute(name);
      }
    }
  }
}

// The chosen columns come first, with their new positions.
function sortColumns(form, page) {
  const list = form.querySelector("[data-report-columns]");
  const sorted = page.querySelector("[data-report-columns]");
  if (!list || !sorted) {
    return;
  }
  const focused = document.activeElement;
  for (const position of sorted.querySelectorAll("input[type=number]")) {
    const own = form.elements[position.name];
    own.value = position.value;
    list.append(own.closest("li"));
  }
  if (list.contains(focused)) {
    focused.focus();
  }
}

// On a narrow screen the form is closed unless it has errors, so that the rows can be seen.
const narrow = matchMedia("(max-width: 60rem)");

function adapt(panel) {
  panel.open = !narrow.matches || panel.querySelector("[aria-invalid]") !== null;
}

function closeIfNarrow(panel) {
  adapt(panel);
  if (!panel.open) {
    panel.querySelector("summary").focus();
  }
}

function followWidth(panel) {
  narrow.addEventListener("change", () => adapt(panel));
  adapt(panel);
}

document.querySelectorAll("[data-report-form]").forEach(followForm);
document.querySelectorAll("[data-report-panel]").forEach(followWidth);
