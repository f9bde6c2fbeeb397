/* The preview of a question set. Around the frame: an iframe[data-fit] is as high as what is in it. Inside the frame:
   data-marks="item parent …" names what is being worked on, the nearest first; it is scrolled to and marked.            */
(() => {
  "use strict";
  for (const frame of document.querySelectorAll("iframe[data-fit]")) {
    let watch = null;
    const fit = () => {
      const inside = frame.contentDocument;
      if (inside && inside.body) frame.style.height = `${Math.ceil(inside.body.getBoundingClientRect().height)}px`;
    };
    const follow = () => {
      if (!frame.contentDocument || !frame.contentDocument.body) return;
      if (watch) watch.disconnect();
      watch = new ResizeObserver(fit);
      watch.observe(frame.contentDocument.body);
      fit();
    };
    frame.addEventListener("load", follow);
    follow();
  }

  const marks = document.querySelector("[data-marks]");
  if (!marks) return;
  const shown = (place) => place && place.getClientRects().length > 0;
  for (const id of marks.dataset.marks.split(" ")) {
    const place = [document.querySelector(`[data-question="${CSS.escape(id)}"]`), document.getElementById(`s_${id}`),
      document.getElementById(`r_${id}`)?.parentElement].find(shown);
    if (!place) continue;
    place.classList.add("preview-marked");
    // Not scrollIntoView, which would also move the page around the frame.
    window.scrollTo(0, window.scrollY + place.getBoundingClientRect().top - window.innerHeight / 4);
    break;
  }
})();
