/* Shows and hides questions while a plan is filled in. It mirrors forms/conditions.py and decides nothing: what is hidden
   here keeps its text and is sent as before. A condition is data, read by the closed set of operators below.
   data-section + data-known     around a section: JSON of values from elsewhere
   data-question + data-kind     around a question (or a group); data-visible-if: JSON condition
   data-required-if              on the word that says a question must be answered
   data-opens="id"               on a tick box or radio: the box of its comment                                          */
(() => {
  "use strict";
  const all = (selector, root) => [...root.querySelectorAll(selector)];
  const missing = (value) => value === null || value === undefined;

  /* ----- conditions: true, false, or null when an answer is not given ----- */
  const comparable = (value) => (missing(value) || (typeof value === "object" && !Array.isArray(value)) ? null : value);
  const isTrue = (value) => (Array.isArray(value) ? value.length > 0 : Boolean(value));
  const same = (a, b) => (Array.isArray(a) && Array.isArray(b)
    ? a.length === b.length && a.every((part, place) => same(part, b[place])) : a === b);
  const ordered = { "<": (a, b) => a < b, "<=": (a, b) => a <= b, ">": (a, b) => a > b, ">=": (a, b) => a >= b };

  const compare = (name, a, b) => {
    if (missing(a) || missing(b)) return null;
    if (name === "in") {
      if (Array.isArray(b)) return b.some((part) => same(a, part)) || (b.some(missing) ? null : false);
      return typeof a === "string" && typeof b === "string" ? b.includes(a) : null;
    }
    if (["==", "!="].includes(name) && [a, b].flat().some(missing)) return null;
    if (name === "==") return same(a, b);
    if (name === "!=") return !same(a, b);
    const comparison = Object.hasOwn(ordered, name) ? ordered[name] : null;
    if (!comparison || typeof a !== typeof b || !["number", "string"].includes(typeof a)) return null;
    return comparison(a, b);
  };
  const read = (rule, values) => {
    if (Array.isArray(rule)) return rule.map((part) => read(part, values));
    if (rule === null || typeof rule !== "object") return rule;
    const [[name, operands]] = Object.entries(rule);
    const parts = Array.isArray(operands) ? operands : [operands];
    switch (name) {
      case "var": return comparable(values.get(operands));
      case "answered": {
        const value = values.get(operands);
        return !(missing(value) || value === "" || (Array.isArray(value) && !value.length));
      }
      case "count": {
        const value = comparable(values.get(operands));
        return Array.isArray(value) ? value.length : missing(value) || value === "" ? 0 : 1;
      }
      case "!": {
        const inner = holds(parts[0], values);
        return inner === null ? null : !inner;
      }
      case "and": case "or": {
        const found = parts.map((part) => holds(part, values));
        const decided = name === "or";
        return found.includes(decided) ? decided : found.includes(null) ? null : !decided;
      }
      default: return compare(name, ...parts.map((part) => read(part, values)));
    }
  };
  const holds = (rule, values) => {
    const result = read(rule, values);
    return missing(result) ? null : isTrue(result);
  };

  /* ----- answers, as they stand on the screen ----- */
  const isoDate = (text) => {
    const typed = /^(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})$/.exec(text);
    return typed ? `${typed[3]}-${typed[2].padStart(2, "0")}-${typed[1].padStart(2, "0")}` : text;
  };
  const written = (box) => all("input:not([type=hidden]), textarea", box).some((control) => control.value.trim() !== "");
  const answer = (box) => {
    const name = `q_${box.dataset.question}`;
    const ticked = all("input:checked", box).filter((control) => control.name === name).map((control) => control.value);
    switch (box.dataset.kind) {
      case "boolean": return { yes: true, no: false }[ticked[0]] ?? null;
      case "choice": return ticked[0] || null;
      case "multichoice": return ticked.length ? ticked : null;
      case "group": return null;
      case "table": case "checklist": return written(box) ? {} : null;
      default: {
        const control = box.querySelector("input:not([type=hidden]), textarea");
        const text = control ? control.value.trim() : "";
        if (!text) return null;
        if (box.dataset.kind === "integer") return /^[-+]?\d{1,12}( ?%)?$/.test(text) ? parseInt(text, 10) : text;
        return box.dataset.kind === "date" ? isoDate(text) : text;
      }
    }
  };

  /* ----- the screen, from the top: a hidden question is not answered for those below it ----- */
  const update = (section) => {
    const values = new Map(Object.entries(JSON.parse(section.dataset.known || "{}")));
    for (const box of all("[data-question]", section)) {
      if (box.dataset.visibleIf) box.hidden = holds(JSON.parse(box.dataset.visibleIf), values) !== true;
      if (!box.closest("[data-question][hidden]")) values.set(box.dataset.question, answer(box));
    }
    for (const word of all("[data-required-if]", section)) {
      word.hidden = holds(JSON.parse(word.dataset.requiredIf), values) !== true;
    }
    for (const option of all("[data-opens]", section)) {
      document.getElementById(option.dataset.opens).hidden = !option.checked;
    }
    for (const clear of all(".option-clear", section)) {
      const ticked = clear.parentElement.querySelector("input[type=radio]:checked");
      clear.hidden = (!ticked || ticked.value === "") && !clear.contains(document.activeElement);
    }
  };
  for (const section of all("[data-section]", document)) {
    all(".needs-script", section).forEach((button) => { button.hidden = false; });
    all("template", section).forEach((template) => {
      all(".needs-script", template.content).forEach((button) => { button.hidden = false; });
    });
    section.addEventListener("input", () => update(section));
    section.addEventListener("change", () => update(section));
    update(section);
  }
})();
