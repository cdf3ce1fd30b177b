"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const body = $("rows"), rows = [...body.rows], panels = [...document.querySelectorAll(".person")];
  const heads = [...document.querySelectorAll("#grid thead th")];
  const lead = heads.findIndex((head) => head.dataset.sort === "cell");
  const filters = ["find", "status", "flagged", "stuck"].map($).filter(Boolean);
  const place = "cohort:" + location.pathname, names = panels.map((panel) => panel.querySelector("bdi").textContent);
  const words = rows.map((row, n) => (row.textContent + " " + panels[n].querySelector("summary").textContent).toLowerCase());
  let sorted = [-1, 1], paused = false, typed = 0;

  // What was set is kept for this tab, so that a page that reloads itself stays as it was.
  const value = (field) => field.type === "checkbox" ? field.checked : field.value;
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(place)) || {}; } catch { return {}; } };
  const keep = () => {
    const at = document.activeElement, pane = body.closest(".pane");
    const state = { fields: filters.map((f) => [f.id, value(f)]), sorted, paused, y: scrollY, pane: [pane.scrollLeft, pane.scrollTop],
      open: names.filter((_, n) => panels[n].open), more: [...document.querySelectorAll(".more")].map((d) => d.open),
      focus: at && at.id, caret: at && at.id === "find" ? [at.selectionStart, at.selectionEnd] : null };
    try { sessionStorage.setItem(place, JSON.stringify(state)); } catch { /* this browser stores nothing */ }
  };

  const filter = () => {
    const find = $("find").value.trim().toLowerCase().split(/\s+/), status = $("status").value;
    const flagged = $("flagged").checked, stuck = $("stuck") && $("stuck").checked;
    let shown = 0;
    rows.forEach((row, n) => {
      const fits = find.every((word) => words[n].includes(word)) && (!status || (row.dataset.status || "ok") === status)
        && (!flagged || "flagged" in row.dataset) && (!stuck || "stuck" in row.dataset);
      row.hidden = panels[n].hidden = !fits;
      shown += fits;
    });
    $("shown").value = `${shown} of ${rows.length} students`;
    $("nobody").hidden = shown > 0;
  };

  // A student whose fork could not be read has one wide cell instead, and comes last in either direction.
  const order = new Intl.Collator("en", { numeric: true });
  const keyOf = (row, column, kind) => {
    if (kind === "name") return row.cells[0].textContent;
    const last = heads.length - column, cell = column < lead ? row.cells[column] : last < 3 ? row.cells[row.cells.length - last] : row.dataset.unread === "" ? null : row.cells[column];
    const text = cell ? cell.textContent.trim() : "";
    if (kind === "text") return text || null;
    if (kind === "number") return row.dataset.unread === "" ? null : parseInt(text, 10) || 0;
    if (!cell || text.startsWith("?")) return null;
    const [ticked, filled, verified] = text.split(/\s+/).map((n) => parseInt(n, 10) || 0);
    return (filled || 0) * 1e6 + (verified || 0) * 1e3 + (ticked || 0);
  };
  const sort = (column, way) => {
    const kind = heads[column].dataset.sort, keys = new Map(rows.map((row, n) => [n, keyOf(row, column, kind)]));
    const numbers = rows.map((_, n) => n).sort((a, b) => {
      const one = keys.get(a), two = keys.get(b);
      if (one === null || two === null) return (one === null) - (two === null) || a - b;
      return way * (typeof one === "string" ? order.compare(one, two) : one - two) || a - b;
    });
    body.append(...numbers.map((n) => rows[n]));
    heads.forEach((head, n) => n === column ? head.setAttribute("aria-sort", way > 0 ? "ascending" : "descending") : head.removeAttribute("aria-sort"));
    sorted = [column, way];
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.id = "sort" + column;
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const usual = ["name", "text"].includes(head.dataset.sort) ? 1 : -1;
      sort(column, sorted[0] === column ? -sorted[1] : usual);
      keep();
    });
  });

  filters.forEach((field) => field.addEventListener("input", () => { typed = Date.now(); filter(); keep(); }));
  $("controls").addEventListener("submit", (event) => event.preventDefault());
  $("reset").addEventListener("click", () => {
    filters.forEach((field) => field.type === "checkbox" ? field.checked = false : field.value = "");
    filter(); keep();
  });
  const all = (open) => () => { panels.forEach((panel) => panel.open = open && !panel.hidden); keep(); };
  $("unfold").addEventListener("click", all(true));
  $("fold").addEventListener("click", all(false));
  const visit = () => {
    const goal = /^#s\d+$/.test(location.hash) && $(location.hash.slice(1));
    if (!goal) return;
    const panel = goal.parentElement;
    panel.hidden = false; panel.open = true;
    panel.firstElementChild.focus({ preventScroll: true });
    panel.scrollIntoView();
  };
  addEventListener("hashchange", visit);
  document.addEventListener("click", (event) => { // clicking the same link twice does not change the address
    const link = event.target.closest && event.target.closest('a[href^="#s"]');
    if (link && link.getAttribute("href") === location.hash) { event.preventDefault(); visit(); }
  });

  // Whoever points at a cell reads its numbers in words.
  const verdicts = heads.some((head) => head.dataset.sort === "number" && head.textContent.startsWith("verified"));
  body.addEventListener("pointerover", (event) => {
    const cell = event.target.closest("td.h"), head = cell && heads[cell.cellIndex];
    if (!head || cell.title) return;
    const [ticked, filled, verified] = cell.firstChild.data.trim().split(/\s+/);
    cell.title = `${head.dataset.name}: ${ticked} ticked, ${filled} filled${verdicts ? `, ${verified === "–" ? "not checked" : verified + " verified"}` : ""}, of ${head.dataset.of}`;
  });

  let folded = [];
  addEventListener("beforeprint", () => { folded = [...document.querySelectorAll("details:not([open])")]; folded.forEach((d) => d.open = true); });
  addEventListener("afterprint", () => folded.forEach((d) => d.open = false));

  $("controls").hidden = $("all").hidden = false;
  const state = kept(), again = performance.getEntriesByType("navigation")[0];
  (state.fields || []).forEach(([id, was]) => { const f = $(id); if (f) f.type === "checkbox" ? f.checked = was : f.value = was; });
  if (state.sorted && state.sorted[0] >= 0 && state.sorted[0] < heads.length) sort(...state.sorted);
  filter();
  const seconds = Number(document.body.dataset.seconds || 0);
  if (seconds && again && again.type === "reload") {
    const open = new Set(state.open || []), pane = body.closest(".pane");
    panels.forEach((panel, n) => panel.open = open.has(names[n]));
    document.querySelectorAll(".more").forEach((d, n) => d.open = Boolean(state.more && state.more[n]));
    if (state.pane) [pane.scrollLeft, pane.scrollTop] = state.pane;
    history.scrollRestoration = "manual";
    scrollTo({ top: state.y || 0, behavior: "instant" });
    const at = state.focus && $(state.focus);
    if (at) { at.focus({ preventScroll: true }); if (state.caret) at.setSelectionRange(...state.caret); }
  } else visit();
  if (seconds) {
    const pause = $("pause");
    const show = () => { pause.setAttribute("aria-pressed", paused); pause.textContent = paused ? "Paused" : "Pause"; };
    paused = Boolean(state.paused); show();
    pause.addEventListener("click", () => { paused = !paused; show(); keep(); });
    const round = () => {
      const busy = paused || document.hidden || Date.now() - typed < 3000 || String(getSelection());
      if (busy) setTimeout(round, 1000); else { keep(); location.reload(); }
    };
    setTimeout(round, seconds * 1000);
  }
  addEventListener("pagehide", keep);
  performance.mark("ready");
})();
