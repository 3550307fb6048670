// Older posts load themselves a few times when the reader comes near; then the link waits for a press.

const BY_ITSELF = 3;
let loaded = 0;

export function more(): void {
  if (!("IntersectionObserver" in window)) return;
  const watcher = new IntersectionObserver(
    (seen) => {
      for (const one of seen) {
        if (!one.isIntersecting || loaded >= BY_ITSELF) continue;
        loaded += 1;
        watcher.unobserve(one.target);
        (one.target as HTMLElement).click();
      }
    },
    { rootMargin: "600px" },
  );
  const watch = () => {
    const link = document.querySelector("#more a[hx-get]");
    if (link) watcher.observe(link);
  };
  // Only once htmx took hold of the link: before that a click would leave the page.
  document.addEventListener("htmx:after:process", watch);
  document.addEventListener("htmx:after:swap", watch);
}
