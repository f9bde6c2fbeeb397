/* The builder of question sets, made smooth. Without this script every button sends the open panel and the page comes
   back; with it the same is sent in the background, only what changed, and the server answers with the pieces of the page
   that are no longer as they were. The server decides all; here nothing is known of questions, rules or languages.
   data-open="id"        a link that opens an item in the panel; data-anchor: what in it gets the focus
   data-one-line         a text area that keeps to one paragraph
   data-conflict="path"  around what somebody else stored in the meantime; data-take: the link that takes it            */
(() => {
  "use strict";
  const root = document.getElementById("builder");
  if (!root) return;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const words = root.dataset;
  const form = () => byId("panel-form");
  const tree = () => byId("builder-tree");
  const openItem = () => byId("panel").dataset.item;
  const typing = (at) => at.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button])");
  const element = (tag, props = {}) => Object.assign(document.createElement(tag), props);

  /* ----- what is told ----- */
  const say = (text) => { byId("builder-said").textContent = text; };
  const mood = (text, kind = "") => {
    const state = document.querySelector("[data-save-state]");
    state.textContent = text;
    state.classList.toggle("saving", kind === "saving");
    state.classList.toggle("failed", kind === "failed");
    return state;
  };
  const notice = (text) => {
    const box = byId("builder-notice");
    box.replaceChildren();
    if (!text) return;
    const line = element("div", { className: "notice notice-error" });
    line.append(element("p", { textContent: text }));
    box.append(line);
    box.scrollIntoView({ block: "nearest" });
  };

  /* ----- pieces of the page ----- */
  const parse = (html) => new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  const keepPlace = (change) => {
    const at = document.activeElement;
    const id = at && at.id, caret = at && at.selectionStart !== undefined ? [at.selectionStart, at.selectionEnd] : null;
    change();
    if (!id || document.activeElement === byId(id)) return;
    const again = byId(id);
    if (!again) return;
    again.focus({ preventScroll: true });
    if (caret && caret[0] !== null && again.setSelectionRange && again.type !== "date") again.setSelectionRange(...caret);
  };
  const put = (id, html) => {
    const old = byId(id), fresh = parse(html);
    if (!old || !fresh) return;
    const at = document.activeElement;
    if (id.startsWith("sentence-") && old.contains(at) && at.matches("input")) {   // somebody writes in it
      const [before, now] = [old, fresh].map((box) => box.querySelector(".sentence-words"));
      if (before && now) before.replaceWith(now); else if (now) old.append(now); else if (before) before.remove();
      return;
    }
    const path = id.startsWith("sentence-") ? id.slice("sentence-".length) : "";
    const unfolded = new Map(all("details[id], details[data-fold]", old).map((box) => [box.id || box.dataset.fold, box.open]));
    const scrolled = old.scrollTop;
    keepPlace(() => old.replaceWith(fresh));
    for (const box of [fresh, ...all("details", fresh)].filter((each) => each.matches("details[data-fold], .fault-menu"))) {
      if (unfolded.has(box.id || box.dataset.fold)) box.open ||= unfolded.get(box.id || box.dataset.fold);
    }
    fresh.scrollTop = scrolled;
    if (id === "builder-tree" || id.startsWith("row-")) dress();
    if (path) stored.set(path, text(read().get(path)));
  };

  /* ----- properties of the panel: which are not as they were stored ----- */
  const groupOf = (name) => name.split("__")[0];
  let stored = new Map(), tried = new Map(), held = new Set();
  const read = () => {
    const found = new Map();
    for (const [name, value] of new FormData(form())) {
      const group = groupOf(name);
      if (!form().elements.namedItem(`${group}__base`)) continue;
      if (!found.has(group)) found.set(group, []);
      if (!name.endsWith("__base")) found.get(group).push([name, value]);
    }
    return found;
  };
  const text = (entries) => JSON.stringify(entries);
  const unfinished = (group, entries) => group === "required" && entries.some(([name, value]) => name === group && value === "if")
    && !entries.some(([name, value]) => name.endsWith("__question") && value) && entries.some(([name]) => name.endsWith("__joiner"));
  const changed = () => [...read()].filter(([group, entries]) => stored.get(group) !== text(entries) && !unfinished(group, entries));
  const toSend = () => changed().filter(([group, entries]) => !held.has(group) && tried.get(group) !== text(entries));
  const remember = () => {
    stored = new Map(form().hasAttribute("data-unsaved") ? [] : [...read()].map(([group, entries]) => [group, text(entries)]));
    tried = new Map();
    held = new Set(all("[data-conflict]", form()).map((box) => box.dataset.conflict));
    for (const group of held) stored.delete(group);
    for (const group of all("[data-unstored]", form()).map((box) => box.dataset.unstored)) {
      tried.set(group, stored.get(group));
      stored.delete(group);
    }
  };

  /* ----- sending, one at a time ----- */
  let line = Promise.resolve(), timer = 0, again = 0, leaving = false, stopped = false;
  const after = (step) => { line = line.then(step, step); return line; };
  /* Pieces of the page are not exchanged while something is being pressed: the click would fall between two buttons. */
  let released = Promise.resolve(), release = () => {};
  document.addEventListener("pointerdown", () => { released = new Promise((done) => { release = done; }); }, true);
  for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(release, 0), true);
  const calm = () => Promise.race([released, new Promise((done) => { setTimeout(done, 5000); })]);
  const later = (delay) => { clearTimeout(timer); timer = setTimeout(() => after(() => send("save")), delay); };
  const stop = (message) => {
    stopped = true;
    const button = element("button", { type: "button", className: "btn btn-link", textContent: message });
    button.addEventListener("click", () => { leaving = true; HTMLFormElement.prototype.submit.call(form()); });
    mood("", "failed").append(button);
  };
  const bodyOf = (verb, groups, more) => {
    const body = new URLSearchParams(), fields = form().elements;
    body.set("csrf_token", fields.namedItem("csrf_token").value);
    body.set("revision", fields.namedItem("revision").value);
    body.set("do", verb);
    for (const [name, value] of new FormData(form())) {
      if (!name.includes("__") && !fields.namedItem(`${name}__base`) && !body.has(name)) body.append(name, value);
    }
    for (const [group, entries] of groups) {
      body.append(`${group}__base`, fields.namedItem(`${group}__base`).value);
      entries.forEach(([name, value]) => body.append(name, value));
    }
    Object.entries(more).forEach(([name, value]) => body.append(name, value));
    return body;
  };
  const send = async (verb, more = {}) => {
    clearTimeout(timer);
    if (stopped) return null;
    const about = verb.startsWith("clause:") ? verb.split(":")[1] : "";
    const groups = toSend().concat(about ? [...read()].filter(([group]) => group === about) : []);
    if (verb === "save" && !groups.length) return null;
    const sent = new Map(groups.map(([group, entries]) => [group, text(entries)]));
    mood(words.saving, "saving");
    let answer;
    try {
      answer = await fetch(form().action, {
        method: "POST", body: bodyOf(verb, groups, more), headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin", redirect: "error",
      });
      if (answer.status >= 500) throw new Error(String(answer.status));
    } catch {
      again += 1;
      mood(navigator.onLine ? words.failed : words.offline, "failed");
      later(Math.min(30000, 1000 * 2 ** again));
      return null;
    }
    again = 0;
    return settle(answer, sent);
  };
  const untrouble = (group) => {
    const name = CSS.escape(group), control = byId(`f-${group}`);
    all(`[data-conflict="${name}"], [data-unstored="${name}"]`, form()).forEach((box) => box.remove());
    if (!control) return;
    control.removeAttribute("aria-invalid");
    const about = (control.getAttribute("aria-describedby") || "").split(" ").filter(byId);
    if (about.length) control.setAttribute("aria-describedby", about.join(" ")); else control.removeAttribute("aria-describedby");
  };
  const settle = async (answer, sent) => {
    if (answer.status === 401) { stop(words.login); return null; }
    const told = await answer.json();
    await calm();
    if (told.error === "reload") { stop(words.reload); return null; }
    if (told.error) { mood(words.invalid, "failed"); notice(told.text); return null; }
    for (const [group, entries] of sent) {
      if (told.conflicts.includes(group)) held.add(group);
      else if (told.errors[group]) tried.set(group, entries);
      else { stored.set(group, entries); untrouble(group); }
    }
    for (const [path, mark] of Object.entries(told.marks)) {
      const field = form().elements.namedItem(`${path}__base`);
      if (field) field.value = mark;
    }
    show(told);
    if (told.conflicts.length) mood(words.both, "failed");
    else if (told.held) mood(words.invalid, "failed");
    else if (toSend().length) { mood(words.unsaved, "saving"); later(700); }
    return told;
  };
  const show = (told, push = true) => {
    const late = "panel" in told.parts ? changed() : [];
    const before = openItem();
    if (told.order) {
      const made = Object.entries(told.parts).filter(([id]) => id.startsWith("row-") && !byId(id));
      keepPlace(() => arrange(told.order, new Map(made.map(([id, html]) => [id.slice(4), parse(html)]))));
    }
    Object.entries(told.parts).forEach(([id, html]) => put(id, html));
    if ("panel" in told.parts) {
      remember();
      if (before === told.item) for (const [name, value] of late.flatMap(([, entries]) => entries)) write(name, value);
    }
    all("[name=revision]", form()).concat(all("[data-revision-field]")).forEach((field) => { field.value = told.revision; });
    if (told.revision > 0) all("[data-draft-only]").forEach((box) => { box.hidden = false; });
    const lead = byId("builder-lead");
    if (told.revision > 0 && lead) lead.textContent = lead.dataset.draft;
    if (told.set_title) document.querySelector(".builder-head h1").textContent = told.set_title;
    if (before !== told.item && push) history.pushState(null, "", told.url);
    document.title = told.page_title;
    mark(told.item);
    notice(told.refused || "");
    if (told.said) say(told.said);
    refreshLook(told.item);
  };
  /* What was typed while the answer was on its way is put back in the new panel, and is sent next. */
  const write = (name, value) => {
    const control = form().elements.namedItem(name);
    if (control && control.matches && control.matches("textarea, input:not([type=hidden], [type=checkbox], [type=radio])")) control.value = value;
  };

  /* ----- opening another item ----- */
  const open = (href, anchor = "", push = true) => after(async () => {
    await send("save");
    if (toSend().length || held.size || changed().length) {
      mood(words.invalid, "failed");
      (form().querySelector("[aria-invalid=true], [data-conflict] button") || byId("panel")).focus();
      return;
    }
    const answer = await fetch(href.split("#")[0], { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" })
      .catch(() => null);
    if (!answer || !answer.ok || !(answer.headers.get("Content-Type") || "").includes("json")) {
      leaving = true;
      location.assign(href);
      return;
    }
    show(await answer.json(), push);
    focusIn(anchor) || byId("panel").focus({ preventScroll: true });
    if (narrow.matches || anchor) (byId(anchor) || byId("panel")).scrollIntoView({ block: "start" });
    else if (byId("panel").getBoundingClientRect().top < 0) byId("panel").scrollIntoView({ block: "start" });
  });
  const focusIn = (id, select = false) => {
    const box = id && byId(id);
    if (!box) return false;
    const fold = box.closest("details");
    if (fold) fold.open = true;
    const control = box.matches("button, a, input, textarea, select") ? box
      : box.querySelector("textarea, input:not([type=hidden]), select, button");
    if (!control) return false;
    control.focus();
    if (select && control.select) control.select();
    return true;
  };

  /* ----- buttons ----- */
  const press = (verb) => {
    const item = openItem(), word = verb.split(":")[0];
    // A second click that waited its turn does not hit what has come in the place of the first.
    after(() => (item === openItem() || ["save", "undo", "redo"].includes(word) ? pressed(verb, word, item) : null));
  };
  const pressed = async (verb, word, item) => {
    const at = document.activeElement, part = at && at.closest(".part"), inText = at && at.matches("textarea");
    const told = await send(verb);
    if (!told || told.held || told.refused) return;
    if (word === "add") focusIn("panel-fields", true);
    else if (verb.endsWith(":add") && told.focus) focusIn(told.focus, true);
    else if (part && told.focus) { (inText && focusIn(told.focus)) || byId(told.focus)?.querySelector("summary")?.focus(); }
    else if (part) focusIn(`add-${part.dataset.part}`);
    else if (word === "clause") focusIn(`sentence-${verb.split(":")[1]}`);
    else if (word === "copy" || (item !== told.item && word !== "undo" && word !== "redo")) byId("panel").focus();
    else if (document.activeElement === document.body) byId("panel").focus();
  };
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "panel-form") return;
    event.preventDefault();
    const button = event.submitter;
    if (button && button.getAttribute("aria-disabled") === "true") {
      const why = byId(button.getAttribute("aria-describedby"));
      if (why) say(why.textContent.trim());
      return;
    }
    button?.closest("details.menu")?.removeAttribute("open");
    if (button && button.closest("[data-conflict]")) keepMine(button.closest("[data-conflict]").dataset.conflict);
    press((button && button.value) || "save");
  });
  const takeTheirs = (box) => {
    const path = box.dataset.conflict, control = form().elements.namedItem(path);
    if (box.dataset.value === undefined) { leaving = true; location.reload(); return; }   // a condition: show it anew
    if (control.type === "checkbox") control.checked = box.dataset.value === "1"; else control.value = box.dataset.value;
    held.delete(path);
    stored.set(path, text(read().get(path) || []));
    untrouble(path);
    mood(words.saved.replace("{time}", "").trim());
    (control.focus ? control : control[0]).focus();
  };
  const keepMine = (path) => { held.delete(path); tried.delete(path); };

  document.addEventListener("input", (event) => {
    if (!event.target.form || event.target.form !== form()) return;
    tried.delete(groupOf(event.target.name));
    if (stopped || !toSend().length) return;
    mood(words.unsaved, "saving");
    // With keys one passes through the choices of a list; with the pointer one chooses.
    later(typed || event.target.matches("textarea, input:not([type=checkbox], [type=radio])") ? 700 : 0);
  });
  let typed = false;
  document.addEventListener("keydown", () => { typed = true; }, true);
  document.addEventListener("pointerdown", () => { typed = false; }, true);
  document.addEventListener("focusout", (event) => {
    if (event.target.form && event.target.form === form() && !stopped && toSend().length) later(0);
  });

  /* ----- links: those that open an item, and those that lead away with something not yet stored ----- */
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.dataset.open !== undefined) {
      event.preventDefault();
      link.closest("details.menu")?.removeAttribute("open");
      open(link.href, link.dataset.anchor || "");
    } else if (link.matches("[data-take]")) {
      event.preventDefault();
      takeTheirs(link.closest("[data-conflict]"));
    } else if (link.classList.contains("look-tab")) {
      event.preventDefault();
      all(".look-tab").forEach((tab) => tab.toggleAttribute("aria-current", false));
      link.setAttribute("aria-current", "true");
      refreshLook(openItem(), true);
    } else if (!link.target && !link.getAttribute("href").startsWith("#") && toSend().length && !stopped) {
      event.preventDefault();
      after(async () => { await send("save"); location.assign(link.href); });
    }
  });
  window.addEventListener("popstate", () => {
    if ((new URLSearchParams(location.search).get("item") || "") !== openItem()) open(location.href, "", false);
  });
  window.addEventListener("beforeunload", (event) => { if (!leaving && changed().length) event.preventDefault(); });
  window.addEventListener("online", () => later(0));

  /* ----- the tree: folding, finding, one stop for the Tab key ----- */
  const key = `builder-folded-${new URLSearchParams(location.search).get("id")}`;
  const narrow = matchMedia("(max-width: 899.98px)");
  // Where the panel comes after the tree, the groups begin shut.
  const groups = () => all("#builder-tree li:has(> ol) > .tree-row").map((row) => row.dataset.item);
  const folded = new Set(JSON.parse(sessionStorage.getItem(key)) || (narrow.matches ? groups() : []));
  const rowOf = (id) => byId(`row-${id}`);
  const links = () => all(".tree-link", tree()).filter((each) => each.offsetParent !== null);
  const inside = (row) => row.parentElement.querySelector(":scope > ol");
  const idIn = (item) => (item ? item.firstElementChild.dataset.item : "");
  const groupOfRow = (row) => row.parentElement.parentElement.closest("li");
  /* The rows in another order: those that are here are moved, new ones are made, what is not told of goes. */
  const arrange = (order, made) => {
    const rows = new Map(all(".tree-row[data-item]", tree()).map((row) => [row.dataset.item, row]));
    const listOf = (within) => {
      const list = element("ol");
      for (const [id, more] of within) {
        const item = element("li");
        item.append(made.get(id) || rows.get(id));
        if (more.length) item.append(listOf(more));
        list.append(item);
      }
      return list;
    };
    tree().querySelectorAll(":scope > ol, :scope > .tree-empty").forEach((old) => old.remove());
    if (order.length) tree().append(listOf(order));
    dress();
  };
  const fold = (row, shut) => {
    folded[shut ? "add" : "delete"](row.dataset.item);
    sessionStorage.setItem(key, JSON.stringify([...folded]));
    dress();
  };
  const dress = () => {
    const current = tree().querySelector(".tree-link[aria-current]");
    const focused = document.activeElement && document.activeElement.closest(".tree-row");
    for (const row of all(".tree-row", tree())) {
      row.querySelector(".tree-link").draggable = false;
      row.draggable = row.dataset.item !== "";
      const list = row.dataset.item ? inside(row) : null;
      let button = row.querySelector(".tree-fold");
      if (!list) { button?.remove(); continue; }
      const shut = folded.has(row.dataset.item) && !byId("tree-find").value;
      list.hidden = shut;
      if (!button) {
        button = element("button", { type: "button", className: "tree-fold", tabIndex: -1 });
        button.append(parse("<svg class='icon' viewBox='0 0 16 16' width='16' height='16' aria-hidden='true'><path d='M3.5 6l4.5 4.5L12.5 6' fill='none' stroke='currentColor' stroke-width='1.6'/></svg>"));
        row.append(button);
      }
      button.setAttribute("aria-expanded", String(!shut));
      button.setAttribute("aria-label", (shut ? words.openGroup : words.closeGroup).replace("{item}", row.querySelector(".tree-label").textContent));
    }
    const stopAt = (focused && focused.querySelector(".tree-link")) || current || tree().querySelector(".tree-link");
    all(".tree-link", tree()).forEach((each) => { each.tabIndex = each === stopAt ? 0 : -1; });
  };
  const mark = (id) => {
    all(".tree-link[aria-current]", tree()).forEach((each) => each.removeAttribute("aria-current"));
    const link = rowOf(id)?.querySelector(".tree-link");
    if (!link) return;
    link.setAttribute("aria-current", "true");
    for (let group = id && groupOfRow(rowOf(id)); group; group = groupOfRow(group.firstElementChild)) folded.delete(idIn(group));
    dress();
    const box = tree();
    if (box.scrollHeight > box.clientHeight) {
      const [one, other] = [link.getBoundingClientRect(), box.getBoundingClientRect()];
      if (one.top < other.top || one.bottom > other.bottom) box.scrollTop += one.top - other.top - box.clientHeight / 3;
    }
  };
  const find = () => {
    const wanted = byId("tree-find").value.trim().toLowerCase();
    dress();
    const keep = (item) => {
      const own = item.querySelector(":scope > .tree-row .tree-label").textContent.toLowerCase().includes(wanted);
      const within = all(":scope > ol > li", item).map(keep).some(Boolean);
      item.hidden = Boolean(wanted) && !own && !within;
      return !item.hidden;
    };
    if (!all(":scope > ol > li", tree()).map(keep).some(Boolean)) say(words.nothing);
  };

  /* ----- keys ----- */
  const arrows = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "out", ArrowRight: "in" };
  const walk = (event, link) => {
    const row = link.closest(".tree-row"), list = row.dataset.item ? inside(row) : null, shown = links(), at = shown.indexOf(link);
    if (event.altKey) {
      event.preventDefault();
      if (row.dataset.item) moveRow(row.dataset.item, arrows[event.key]);
      return;
    }
    let next = null;
    if (event.key === "ArrowLeft" && list && !list.hidden) fold(row, true);
    else if (event.key === "ArrowLeft") next = row.dataset.item && groupOfRow(row)?.querySelector(".tree-link");
    else if (event.key === "ArrowRight" && list && list.hidden) fold(row, false);
    else if (event.key === "ArrowRight") next = list && shown[at + 1];
    else next = { ArrowUp: shown[at - 1], ArrowDown: shown[at + 1], Home: shown[0], End: shown.at(-1) }[event.key];
    event.preventDefault();
    if (next) { next.focus(); dress(); }
  };
  const moveRow = (id, way, more = {}) => after(async () => {
    await send(way, { target: id, ...more });
    rowOf(id)?.querySelector(".tree-link").focus();
    dress();
  });
  let menuOpen = null;
  document.addEventListener("keydown", () => { menuOpen = document.querySelector("details.menu[open], dialog[open]"); }, true);
  document.addEventListener("keydown", (event) => {
    const at = event.target, command = event.ctrlKey || event.metaKey, letter = event.key.toLowerCase();
    if (at.matches(".tree-link") && ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key) && !command) walk(event, at);
    else if (at.id === "tree-find" && event.key === "ArrowDown") { event.preventDefault(); links()[0]?.focus(); }
    else if (command && letter === "s") { event.preventDefault(); press("save"); }
    else if (command && !event.altKey && !typing(at) && (letter === "z" || letter === "y")) {
      event.preventDefault();
      byId(letter === "y" || event.shiftKey ? "do-redo" : "do-undo").click();
    } else if (event.key === "Escape" && !menuOpen && at.closest("#panel")) (rowOf(openItem()) || tree()).querySelector(".tree-link").focus();
    else if (at.matches("[data-one-line]") && event.key === "Enter" && !event.isComposing) { event.preventDefault(); nextText(at); }
    else if (at.closest(".part") && event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
      event.preventDefault();
      const part = at.closest(".part");
      press(`part:${part.dataset.part}:${arrows[event.key]}:${part.dataset.key}`);
    }
  });
  /* Enter in one of several texts goes to the next of them, and after the last makes a new one, as in a list in Word. */
  const nextText = (area) => {
    const part = area.closest(".part");
    if (!part) return;
    const next = part.nextElementSibling;
    if (next) (next.querySelector(`textarea[lang="${area.lang}"]`) || next.querySelector("textarea"))?.focus();
    else press(`part:${part.dataset.part}:add`);
  };

  /* ----- dragging a row: a line shows where it lands ----- */
  let dragged = null, spot = null;
  const clear = () => all(".drop-before, .drop-after, .drop-inside", tree()).forEach((row) => row.classList.remove("drop-before", "drop-after", "drop-inside"));
  const spotAt = (row, y) => {
    const { top, height } = row.getBoundingClientRect(), part = (y - top) / height, { item } = row.dataset;
    if (!item) return { row, look: "drop-after", parent: "", after: "" };
    const parent = idIn(groupOfRow(row)), before = idIn(row.parentElement.previousElementSibling);
    const last = idIn(inside(row)?.lastElementChild);
    const list = inside(row), group = row.dataset.kind === "group";
    if (part < (group ? 0.3 : 0.5)) return { row, look: "drop-before", parent, after: before };
    if (group && list && !list.hidden && part > 0.7) return { row, look: "drop-after", parent: item, after: "" };
    if (group && (part <= 0.7 || !list)) return { row, look: "drop-inside", parent: item, after: last };
    return { row, look: "drop-after", parent, after: item };
  };
  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest && event.target.closest(".tree-row");
    if (!row) return;
    dragged = row.dataset.item;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", row.querySelector(".tree-label").textContent);
    row.classList.add("dragged");
  });
  document.addEventListener("dragover", (event) => {
    const row = dragged !== null && event.target.closest && event.target.closest(".tree-row");
    clear();
    spot = null;
    if (!row || rowOf(dragged).parentElement.contains(row)) return;
    event.preventDefault();
    spot = spotAt(row, event.clientY);
    row.classList.add(spot.look);
  });
  document.addEventListener("drop", (event) => {
    if (!spot) return;
    event.preventDefault();
    moveRow(dragged, "move", { parent: spot.parent, after: spot.after });
  });
  document.addEventListener("dragend", () => {
    all(".dragged").forEach((row) => row.classList.remove("dragged"));
    clear();
    dragged = spot = null;
  });

  /* ----- how it looks ----- */
  const frame = byId("look-frame");
  let lookTimer = 0, inSight = false, due = null;
  const refreshLook = (item, now = false) => {
    due = item;
    clearTimeout(lookTimer);
    const tab = document.querySelector(".look-tab[aria-current]");
    if (!tab || (!inSight && !now)) return;
    lookTimer = setTimeout(() => {
      const url = new URL(tab.href), language = byId("look-language");
      if (language) url.searchParams.set("lang", language.value);
      if (due) url.searchParams.set("item", due);
      due = null;
      frame.contentWindow.location.replace(url.href);
    }, now ? 0 : tab.dataset.slow ? 1500 : 350);
  };
  new IntersectionObserver(([seen]) => {
    inSight = seen.isIntersecting;
    if (inSight && due !== null) refreshLook(due);
  }).observe(frame);
  byId("look-language")?.addEventListener("change", () => refreshLook(openItem(), true));

  /* ----- begin ----- */
  all(".needs-builder").forEach((box) => { box.hidden = false; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".tree-fold");
    if (button) fold(button.closest(".tree-row"), button.getAttribute("aria-expanded") === "true");
  });
  byId("tree-find").addEventListener("input", find);
  remember();
  mark(openItem());
  if (form().hasAttribute("data-unsaved")) later(0);
})();
