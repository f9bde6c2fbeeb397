/* Small helps on top of pages that work without any script. Nothing here decides anything: the server does.
   data-confirm="question"        on a form, a submit button, a link or an option of a bulk action; data-confirm-yes, data-confirm-title
   data-counter="2000"            on a textarea: a counter below it; text areas grow by themselves
   data-repeat                    around a table: [data-repeat-row], <template data-repeat-template> with __i__ for the row number,
                                  [data-repeat-add], [data-repeat-remove], data-repeat-max. Fires "input" so that saving notices
   data-select-all="name"         ticks every checkbox of that name      data-bulk="name" on the form that uses them
   data-autosubmit                on a select: sends its form when changed
   data-shown-when="name=a|b"     shown only while that select of its form has one of the values
   data-focus                     takes focus when the page opens (error summary)                                              */
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = document.body.dataset;

  const element = (tag, props = {}, ...children) => {
    const made = Object.assign(document.createElement(tag), props);
    made.append(...children);
    return made;
  };

  /* ----- menus: Escape and a click elsewhere close them ----- */
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = document.activeElement.closest("details.menu[open]") || document.querySelector("details.menu[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  });

  /* ----- are you sure ----- */
  const ask = (source) => new Promise((resolve) => {
    const { confirm: question, confirmTitle: title, confirmYes: yes, confirmNo: no } = source.dataset;
    const heading = element("h2", { id: "dialog-title", textContent: title || question });
    const form = element("form", { method: "dialog", className: "form-actions" },
      element("button", { value: "", className: "btn btn-outline-primary", textContent: no || words.textNo, autofocus: true }),
      element("button", { value: "yes", className: "btn btn-primary", textContent: yes || words.textYes }));
    const dialog = element("dialog", { className: "dialog" }, heading);
    if (title) dialog.append(element("p", { textContent: question }));
    dialog.append(form);
    dialog.setAttribute("aria-labelledby", "dialog-title");
    document.body.append(dialog);
    dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
    dialog.showModal();
  });

  const confirmed = new WeakSet();
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (confirmed.delete(form)) return;
    const line = form.querySelector("[data-bulk-none]");
    if (line && !document.querySelector(`input[name="${CSS.escape(form.dataset.bulk)}"]:checked`)) {
      event.preventDefault();
      line.textContent = line.dataset.bulkNone;
      return;
    }
    const option = form.matches("[data-bulk]") ? form.querySelector("option[data-confirm]:checked") : null;
    const source = option || [event.submitter, form].find((each) => each && each.dataset.confirm);
    if (!source) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await ask(source)) {
      confirmed.add(form);
      form.requestSubmit(event.submitter);
      confirmed.delete(form);                    // when the browser refused to send, ask again next time
    }
  }, true);
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-confirm]");
    if (!link) return;
    event.preventDefault();
    if (await ask(link)) window.location.assign(link.href);
  });

  /* ----- text areas: grow, count ----- */
  const growsByItself = CSS.supports("field-sizing", "content");
  const fit = (area) => {
    if (growsByItself) return;
    area.style.height = "auto";
    area.style.height = `${area.scrollHeight + 2}px`;
  };
  const count = (area) => {
    const limit = Number(area.dataset.counter);
    if (!limit) return;
    let counter = area.nextElementSibling;
    if (!counter || !counter.matches(".counter")) {
      counter = element("p", { className: "counter" });
      area.after(counter);
    }
    const used = area.value.length;
    const near = limit - used <= Math.min(100, limit / 10);
    counter.textContent = !used ? "" : words.textCounter.replace("{n}", used).replace("{max}", limit);
    counter.classList.toggle("near", near);
    if (near) counter.setAttribute("role", "status"); else counter.removeAttribute("role");
  };
  const prepare = (root) => all("textarea", root).forEach((area) => { fit(area); count(area); });
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea")) { fit(event.target); count(event.target); }
  });

  /* ----- tables with rows to add and remove ----- */
  const controls = "input:not([type=hidden]), select, textarea";
  const setUpRepeat = (box) => {
    const template = box.querySelector("template[data-repeat-template]");
    const body = box.querySelector("tbody");
    const add = box.querySelector("[data-repeat-add]");
    if (!template || !body || !add) return;
    const rows = () => all("[data-repeat-row]", body);
    const status = element("p", { className: "repeat-status" });
    status.setAttribute("role", "status");
    (add.closest("p, div") || add).after(status);
    let next = Number(box.dataset.repeatNext) || rows().length;
    const limit = () => { add.disabled = rows().length >= (Number(box.dataset.repeatMax) || Infinity); };
    const changed = () => {
      limit();
      body.dispatchEvent(new Event("input", { bubbles: true }));
    };
    add.addEventListener("click", (event) => {
      event.preventDefault();
      const copy = template.content.cloneNode(true);
      const number = next++;
      for (const node of all("*", copy)) {
        for (const attribute of node.attributes) {
          if (attribute.value.includes("__i__")) attribute.value = attribute.value.replaceAll("__i__", number);
        }
      }
      body.append(copy);
      const row = rows().at(-1);
      prepare(row);
      changed();
      row.querySelector(controls)?.focus();
    });
    box.addEventListener("click", (event) => {
      const button = event.target.closest("[data-repeat-remove]");
      if (!button) return;
      event.preventDefault();
      const row = button.closest("[data-repeat-row]");
      const after = row.nextSibling;
      row.remove();
      const undo = element("button", { type: "button", className: "btn btn-link", textContent: words.textUndo });
      undo.addEventListener("click", () => {
        body.insertBefore(row, after && after.parentNode === body ? after : null);
        status.replaceChildren();
        changed();
        row.querySelector(controls)?.focus();
      });
      status.replaceChildren(words.textRemoved, undo);
      changed();
      undo.focus();
    });
    limit();
  };

  /* ----- lists ----- */
  const setUpSelectAll = (master) => {
    const boxes = () => all(`input[type=checkbox][name="${CSS.escape(master.dataset.selectAll)}"]`);
    const line = document.querySelector("[data-bulk-count]");
    const show = () => {
      const ticked = boxes().filter((box) => box.checked).length;
      master.checked = ticked > 0 && ticked === boxes().length;
      master.indeterminate = ticked > 0 && !master.checked;
      if (line) line.textContent = ticked ? line.dataset.bulkCount.replace("{n}", ticked) : "";
    };
    (master.closest("label") || master).hidden = false;
    master.addEventListener("change", () => { boxes().forEach((box) => { box.checked = master.checked; }); show(); });
    document.addEventListener("change", (event) => { if (boxes().includes(event.target)) show(); });
    show();
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-autosubmit]")) event.target.form.requestSubmit();
  });

  /* ----- questions that only one choice asks for ----- */
  const showWhen = (root) => {
    for (const box of all("[data-shown-when]", root)) {
      const [name, value] = box.dataset.shownWhen.split("=");
      box.hidden = !value.split("|").includes(box.closest("form").elements.namedItem(name)?.value);
    }
  };
  document.addEventListener("change", (event) => { if (event.target.matches("select")) showWhen(document); });
  showWhen(document);

  prepare(document);
  all("[data-repeat]").forEach(setUpRepeat);
  all("[data-select-all]").forEach(setUpSelectAll);
  document.querySelector("[data-focus]")?.focus();
})();
