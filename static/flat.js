/* The builder of letters and schedules, made smooth, as builder.js does for question sets: without this script every button
   sends the page; with it what was typed is sent in the background, and the server answers with the pieces of the page
   that are no longer as they were. The server decides all; here nothing is known of blocks, fields or languages.
   Fields are named "<card>/<path>"; beside each is "<card>/<path>__base", the mark of what was shown.
   data-card="id"        around what is filled in for one part; data-block="id": the same part in the preview
   data-key, data-verb   on one of several (a bullet, a row): what moves it
   data-one-line         a text area that keeps to one paragraph
   data-several="name"   around tick boxes of one name; what is ticked is sent as one value, a line for each
   data-insert="text"    a button that writes the text where the cursor was
   data-conflict="name"  around what somebody else stored in the meantime; data-take: the link that takes it              */
(() => {
  "use strict";
  const root = document.getElementById("flat");
  if (!root) return;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);
  const words = root.dataset;
  const form = byId("panel-form");
  const element = (tag, props = {}) => Object.assign(document.createElement(tag), props);
  const typing = (at) => at.matches("textarea, select, input:not([type=button])");
  const LOOK = ".look-letter, .look-schedule";
  const CONTROLS = "textarea, input:not([type=hidden]), select";

  /* ----- what is told ----- */
  const mood = (text, kind = "") => {
    const state = document.querySelector("[data-save-state]");
    state.textContent = text;
    state.classList.toggle("saving", kind === "saving");
    state.classList.toggle("failed", kind === "failed");
    return state;
  };
  const notice = (text) => {
    const box = byId("flat-notice");
    box.replaceChildren();
    if (!text) return;
    const line = element("div", { className: "notice notice-error" });
    line.append(element("p", { textContent: text }));
    box.append(line);
    box.scrollIntoView({ block: "nearest" });
  };

  /* ----- pieces of the page ----- */
  const parse = (html) => new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  const put = (id, html) => {
    const old = byId(id), fresh = parse(html), at = document.activeElement;
    if (!old || !fresh || old.outerHTML === fresh.outerHTML) return;
    const caret = at && at.selectionStart !== undefined ? [at.selectionStart, at.selectionEnd] : null;
    const unfolded = all("details[data-fold][open]", old).map((fold) => fold.dataset.fold);
    const scrolled = old.querySelector(LOOK)?.scrollTop;
    old.replaceWith(fresh);
    all("details[data-fold]", fresh).forEach((fold) => { fold.open ||= unfolded.includes(fold.dataset.fold); });
    if (scrolled && fresh.querySelector(LOOK)) fresh.querySelector(LOOK).scrollTop = scrolled;
    const again = at && at.id && document.activeElement !== byId(at.id) ? byId(at.id) : null;
    if (!again) return;
    again.focus({ preventScroll: true });
    if (caret && caret[0] !== null && again.setSelectionRange) again.setSelectionRange(...caret);
  };

  /* ----- properties: which are not as they were stored ----- */
  let stored = new Map(), tried = new Map(), held = new Set();
  const read = () => {
    const data = new FormData(form), found = new Map();
    for (const [name, value] of data) {
      if (data.has(`${name}__base`)) found.set(name, found.get(name) ? `${found.get(name)}\n${value}` : value);
    }
    return found;
  };
  const changed = () => [...read()].filter(([name, value]) => stored.get(name) !== value);
  const toSend = () => changed().filter(([name, value]) => !held.has(name) && tried.get(name) !== value);
  const fill = (name, value) => {
    const several = document.querySelector(`[data-several="${CSS.escape(name)}"]`), chosen = value.split("\n");
    if (several) all("[type=checkbox]", several).forEach((box) => { box.checked = chosen.includes(box.value); });
    else if (form.elements.namedItem(name)) form.elements.namedItem(name).value = value;
    return several ? several.querySelector("[type=checkbox]") : form.elements.namedItem(name);
  };
  const remember = () => {
    stored = byId("flat-cards").hasAttribute("data-unsaved") ? new Map() : read();
    tried = new Map();
    held = new Set(all("[data-conflict]", form).map((box) => box.dataset.conflict));
    held.forEach((name) => stored.delete(name));
    for (const name of all("[data-unstored]", form).map((box) => box.dataset.unstored)) {
      tried.set(name, stored.get(name));
      stored.delete(name);
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
    button.addEventListener("click", () => { leaving = true; HTMLFormElement.prototype.submit.call(form); });
    mood("", "failed").append(button);
  };
  const send = async (verb) => {
    clearTimeout(timer);
    if (stopped) return null;
    const sent = new Map(toSend()), fields = form.elements;
    if (verb === "save" && !sent.size) return null;
    const body = new URLSearchParams({ csrf_token: fields.namedItem("csrf_token").value, revision: fields.namedItem("revision").value, do: verb });
    if (fields.namedItem("language")) body.set("language", fields.namedItem("language").value);
    sent.forEach((value, name) => { body.set(name, value); body.set(`${name}__base`, fields.namedItem(`${name}__base`).value); });
    mood(words.saving, "saving");
    let answer;
    try {
      answer = await fetch(form.action, {
        method: "POST", body, headers: { "X-Requested-With": "fetch" }, credentials: "same-origin", redirect: "error",
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
  const settle = async (answer, sent) => {
    if (answer.status === 401) { stop(words.login); return null; }
    const told = await answer.json();
    await calm();
    if (told.error === "reload") { stop(words.reload); return null; }
    if (told.error) { mood(words.invalid, "failed"); notice(told.text); return null; }
    for (const [name, value] of sent) {
      if (told.conflicts.includes(name)) held.add(name);
      else if (told.errors[name]) tried.set(name, value);
      else stored.set(name, value);
    }
    for (const [name, mark] of Object.entries(told.marks)) form.elements.namedItem(`${name}__base`).value = mark;
    show(told);
    Object.entries(told.keys).forEach(([id, key]) => rename(byId(id), key));
    if (told.conflicts.length) mood(words.both, "failed");
    else if (told.held) mood(words.invalid, "failed");
    else if (toSend().length) { mood(words.unsaved, "saving"); later(700); }
    return told;
  };
  /* What moves one of several names what was seen of it. */
  const rename = (part, key) => {
    if (!part || part.dataset.key === key) return;
    all("button[name=do]", part).forEach((button) => { button.value = button.value.slice(0, -part.dataset.key.length) + key; });
    part.dataset.key = key;
  };
  const show = (told) => {
    const late = "flat-cards" in told.parts ? changed() : [];
    Object.entries(told.parts).forEach(([id, html]) => put(id, html));
    if ("flat-cards" in told.parts) {
      remember();
      late.filter(([name]) => !held.has(name)).forEach(([name, value]) => fill(name, value));   // typed while the answer was on its way: sent next
    }
    mark();
    if (!("revision" in told)) return;
    all("[name=revision]", form).concat(all("[data-revision-field]")).forEach((field) => { field.value = told.revision; });
    if (told.revision > 0) all("[data-draft-only]").forEach((box) => { box.hidden = false; });
    if (told.revision > 0) byId("flat-lead").textContent = byId("flat-lead").dataset.draft;
    document.querySelector(".builder-head h1").textContent = told.title;
    document.title = told.page_title;
    notice(told.refused);
    if (told.said) byId("flat-said").textContent = told.said;
  };

  /* ----- focus ----- */
  const focusOn = (id, language = "") => {
    const box = byId(id);
    if (!box) return;
    const fold = box.closest("details:not(.menu)");
    if (fold) fold.open = true;
    const wanted = language && box.querySelector(`textarea[lang="${language}"]`);
    const own = box.matches("button, summary, [data-card='']") ? box : null;
    (own || wanted || box.querySelector(CONTROLS) || box).focus();
  };

  /* ----- buttons ----- */
  const press = (verb) => after(async () => {
    const at = document.activeElement, text = at && at.matches("textarea") ? at : null, kept = text && text.id;
    const told = await send(verb);
    if (!told || told.held || told.refused || !told.focus) return;
    const part = told.focus.startsWith("part-"), word = verb.split(":")[0], fresh = word === "add" || verb.endsWith(":add");
    if (fresh) focusOn(told.focus);
    else if (part && text) focusOn(told.focus, text.lang);
    else if (part) byId(told.focus)?.querySelector("summary")?.focus();
    else if (!(kept && byId(kept) === document.activeElement)) focusOn(told.focus);
    if (fresh && document.activeElement.select) document.activeElement.select();
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    event.preventDefault();
    const button = event.submitter;
    if (button && button.getAttribute("aria-disabled") === "true") {
      const why = byId(button.getAttribute("aria-describedby"));
      if (why) byId("flat-said").textContent = why.textContent.trim();
      return;
    }
    button?.closest("details.menu")?.removeAttribute("open");
    const conflict = button && button.closest("[data-conflict]");
    if (conflict) { held.delete(conflict.dataset.conflict); tried.delete(conflict.dataset.conflict); }
    press((button && button.value) || "save");
  });
  const takeTheirs = (box) => {
    const name = box.dataset.conflict, control = fill(name, box.dataset.value);
    held.delete(name);
    stored.set(name, read().get(name));
    box.remove();
    mood(words.saved.replace("{time}", "").trim());
    control.focus();
  };

  /* ----- fields that are filled in by themselves ----- */
  const lastIn = new WeakMap();
  document.addEventListener("focusin", (event) => {
    const card = event.target.closest("[data-card]");
    if (card && event.target.matches("textarea")) lastIn.set(card, event.target);
    mark();
  });
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches(".insert-menu") || !event.target.open) return;
    event.target.querySelector(".menu-panel").replaceChildren(byId("insert-items").content.cloneNode(true));
  }, true);
  const insert = (button) => {
    const card = button.closest("[data-card]"), last = lastIn.get(card);
    const area = last && last.isConnected ? last : card.querySelector("textarea");
    button.closest("details.menu").open = false;
    area.focus();
    area.setRangeText(button.dataset.insert, area.selectionStart, area.selectionEnd, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };

  document.addEventListener("input", (event) => {
    if (event.target.form !== form) return;
    tried.delete(event.target.name);
    if (stopped || !toSend().length) return;
    mood(words.unsaved, "saving");
    later(event.target.matches("select, [type=checkbox]") ? 0 : 700);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (button) { insert(button); return; }
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.dataset.open !== undefined) {
      event.preventDefault();
      link.closest("details.menu").removeAttribute("open");
      focusOn(link.dataset.anchor);
    } else if (link.matches("[data-take]")) {
      event.preventDefault();
      takeTheirs(link.closest("[data-conflict]"));
    } else if (link.classList.contains("look-tab")) {
      event.preventDefault();
      after(() => lookIn(link));
    } else if (link.target) {
      if (toSend().length && !stopped) after(() => send("save"));
    } else if (!link.getAttribute("href").startsWith("#") && toSend().length && !stopped) {
      event.preventDefault();
      after(async () => { await send("save"); location.assign(link.href); });
    }
  });
  window.addEventListener("beforeunload", (event) => { if (!leaving && changed().length) event.preventDefault(); });
  window.addEventListener("online", () => later(0));

  /* ----- keys ----- */
  const ways = { ArrowUp: "up", ArrowDown: "down" };
  document.addEventListener("keydown", (event) => {
    const at = event.target, command = event.ctrlKey || event.metaKey, letter = event.key.toLowerCase();
    const part = at.closest(".part"), card = at.closest("[data-card]");
    if (command && letter === "s") { event.preventDefault(); press("save"); }
    else if (command && !event.altKey && !typing(at) && (letter === "z" || letter === "y")) {
      event.preventDefault();
      byId(letter === "y" || event.shiftKey ? "do-redo" : "do-undo").click();
    } else if (at.matches("[data-one-line]") && event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      if (part) nextText(at, part);
    } else if (event.altKey && !command && event.key in ways && card) {
      const verb = part ? `${part.dataset.verb}:${ways[event.key]}:${part.dataset.key}` : `${ways[event.key]}:${card.dataset.card}`;
      if (!part && !document.querySelector(`button[name=do][value="${CSS.escape(verb)}"]`)) return;
      event.preventDefault();
      press(verb);
    }
  });
  /* Enter in one of several texts goes to the next of them, and after the last makes a new one, as in a list in Word. */
  const nextText = (area, part) => {
    const next = part.nextElementSibling;
    if (next) (next.querySelector(`textarea[lang="${area.lang}"]`) || next.querySelector("textarea")).focus();
    else press(`${part.dataset.verb}:add`);
  };

  /* ----- how it looks ----- */
  const lookIn = async (link) => {
    await send("save");
    const answer = await fetch(link.href.split("#")[0], { headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" })
      .catch(() => null);
    if (!answer || !answer.ok) { leaving = !changed().length; location.assign(link.href); return; }
    history.replaceState(null, "", link.href.split("#")[0]);
    form.action = link.href.split("#")[0];
    show(await answer.json());
    all(".look-tab").find((tab) => tab.dataset.tab === link.dataset.tab)?.focus();
  };
  /* The part that is being written in, marked in the preview and scrolled to within it. */
  const mark = () => {
    const card = document.activeElement && document.activeElement.closest("[data-card]");
    const box = document.querySelector(LOOK);
    if (!box) return;
    for (const block of all("[data-block]", box)) {
      const here = Boolean(card) && block.dataset.block === card.dataset.card;
      block.classList.toggle("letter-marked", here);
      if (!here || box.scrollHeight <= box.clientHeight) continue;
      const [one, other] = [block.getBoundingClientRect(), box.getBoundingClientRect()];
      if (one.top < other.top || one.bottom > other.bottom) box.scrollTop += one.top - other.top - box.clientHeight / 4;
    }
  };

  /* ----- begin ----- */
  remember();
  if (byId("flat-cards").hasAttribute("data-unsaved")) later(0);
})();
