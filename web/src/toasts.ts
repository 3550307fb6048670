// Short messages at the foot of the page, and what happens when an action of htmx fails.

import { say } from "./texts";

const SHOWN_MS = 10_000;

/** Show a sentence for ten seconds; the clock stops while it is pointed at or focused. */
export function toast(sentence: string, failed = false): void {
  const place = document.getElementById(failed ? "alerts" : "toasts");
  if (!place) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.append(sentence);
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = "×";
  close.setAttribute("aria-label", say("close"));
  close.onclick = () => box.remove();
  box.append(close);
  let timer = 0;
  const run = () => (timer = window.setTimeout(() => box.remove(), SHOWN_MS));
  const pause = () => clearTimeout(timer);
  box.onmouseenter = box.onfocus = pause;
  box.addEventListener("focusin", pause);
  box.onmouseleave = run;
  box.addEventListener("focusout", run);
  place.append(box);
  run();
}

interface HtmxContext {
  response?: { status: number; headers: Headers };
}

/** Answers carry a sentence in `X-Said`; errors without one get a general sentence. */
export function htmxAnswers(): void {
  const contextOf = (event: Event) => (event as CustomEvent<{ ctx?: HtmxContext }>).detail?.ctx;
  document.addEventListener("htmx:after:request", (event) => {
    const response = contextOf(event)?.response;
    if (!response) return;
    const said = response.headers.get("x-said");
    const failed = response.status >= 400;
    if (said) toast(decodeURIComponent(said), failed);
    else if (failed) toast(say("failed"), true);
  });
  document.addEventListener("htmx:error", (event) => {
    if (!contextOf(event)?.response) toast(say("unreachable"), true);
  });
}
