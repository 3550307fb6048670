// Keeps relative times fresh, and full times in the reader's own time zone.

const lang = document.documentElement.lang || undefined;
const full = new Intl.DateTimeFormat(lang, { dateStyle: "long", timeStyle: "short" });
const day = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short" });
const dayOfYear = new Intl.DateTimeFormat(lang, { day: "numeric", month: "short", year: "numeric" });
const UNITS: [number, number, string][] = [
  [60, 1, "second"],
  [3600, 60, "minute"],
  [86_400, 3600, "hour"],
  [604_800, 86_400, "day"],
];

/** How long ago, in the shortest form; older than a week the date. */
export function ago(at: Date, now: number): string {
  const seconds = Math.max((now - at.getTime()) / 1000, 0);
  for (const [below, size, unit] of UNITS) {
    if (seconds < below) {
      return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "narrow" }).format(
        Math.floor(seconds / size),
      );
    }
  }
  return (at.getFullYear() === new Date(now).getFullYear() ? day : dayOfYear).format(at);
}

function refresh(): void {
  if (document.hidden) return;
  for (const element of document.querySelectorAll<HTMLTimeElement>("time[data-t]")) {
    const at = new Date(element.dateTime);
    const text = element.dataset["t"] === "full" ? full.format(at) : ago(at, Date.now());
    if (element.textContent !== text) element.textContent = text;
    if (element.title) element.title = full.format(at);
  }
}

export function times(): void {
  refresh();
  let timer = 0;
  const tick = () => {
    clearInterval(timer);
    if (!document.hidden) {
      refresh();
      timer = window.setInterval(refresh, 60_000);
    }
  };
  tick();
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("htmx:after:swap", refresh);
}
