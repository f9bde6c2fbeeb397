/* Saves a plan while it is being written. The server decides all: this only sends the form early and tells how it went.
   What cannot be saved so (somebody else's change, a lost login, an answer out of bounds) is settled by the form's own
   button, which needs no script. */
(() => {
  "use strict";
  const form = document.querySelector("form[data-autosave]");
  if (!form) return;
  const state = form.querySelector("[data-save-state]");
  const wait = 1200;
  let timer = 0, busy = false, changed = false, again = 0, leaving = false;

  const say = (text, mood) => {
    state.textContent = text;
    state.classList.toggle("saving", mood === "saving");
    state.classList.toggle("failed", mood === "failed");
  };
  const later = (delay) => { clearTimeout(timer); timer = setTimeout(save, delay); };
  const stop = (text) => { clearTimeout(timer); again = Infinity; say(text, "failed"); };

  const save = async () => {
    if (busy || !changed || leaving || again === Infinity) return;
    busy = true; changed = false;
    say(form.dataset.saving, "saving");
    try {
      const answer = await fetch(form.action || location.href, {
        method: "POST", body: new URLSearchParams(new FormData(form)), headers: { "X-Requested-With": "fetch" },
        credentials: "same-origin", redirect: "error",
      });
      if (answer.status === 401) { changed = true; stop(form.dataset.login); return; }
      if (answer.status === 409) {
        const { error } = await answer.json();
        changed = true;
        stop(error === "finished" ? form.dataset.finished : form.dataset.reload);
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      Object.entries(told.bases).forEach(([id, mark]) => {
        const field = form.elements.namedItem(`b_${id}`);
        if (field) field.value = mark;
      });
      again = 0;
      if (told.status === 409) { changed = true; stop(form.dataset.conflict); }
      else if (told.status === 422) say(form.dataset.invalid, "failed");
      else if (!changed) say(form.dataset.saved.replace("{time}", told.saved || ""), "");
    } catch (error) {
      changed = true;
      again += 1;
      say(navigator.onLine ? form.dataset.failed : form.dataset.offline, "failed");
      later(Math.min(30000, wait * 2 ** again));
      return;
    } finally { busy = false; }
    if (changed) later(wait);
  };

  form.addEventListener("input", () => {
    changed = true;
    if (again !== Infinity) { say(form.dataset.unsaved, "saving"); later(wait); }
  });
  form.addEventListener("submit", () => { leaving = true; clearTimeout(timer); });
  window.addEventListener("online", () => { if (changed) later(0); });
  window.addEventListener("beforeunload", (event) => { if (changed && !leaving) event.preventDefault(); });
})();
