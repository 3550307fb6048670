// Counts as the server does: graphemes, every address 23, handles without their host.

const ADDRESS = /https?:\/\/[^\s<>"]+/gi;
const HANDLE = /(^|[^\w/])@([\w.-]+)@[\w.-]+\w/g;

/** How long a text is, as the server will count it. */
export function lengthOf(text: string): number {
  const shortened = text.replace(ADDRESS, "x".repeat(23)).replace(HANDLE, "$1@$2");
  if (!("Segmenter" in Intl)) return [...shortened].length;
  let count = 0;
  for (const _ of new Intl.Segmenter().segment(shortened)) count += 1;
  return count;
}

export function counter(form: HTMLFormElement): void {
  const text = form.querySelector<HTMLTextAreaElement>('[name="status"]');
  const warning = form.querySelector<HTMLInputElement>('[name="spoiler_text"]');
  const shown = form.querySelector<HTMLElement>(".count[data-limit]");
  if (!text || !shown) return;
  const limit = Number(shown.dataset["limit"]);
  const update = () => {
    const left = limit - lengthOf(text.value) - lengthOf(warning?.value ?? "");
    shown.hidden = false;
    shown.textContent = String(left);
    shown.classList.toggle("over", left < 0);
  };
  form.addEventListener("input", update);
  update();
}
