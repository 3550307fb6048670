// The few sentences scripts say, from the page, so that they come in the reader's language.

const own: Record<string, string> = JSON.parse(document.getElementById("texts")?.textContent ?? "{}");

/** The sentence, its `{placeholders}` filled. */
export function say(name: string, values: Record<string, string | number> = {}): string {
  return (own[name] ?? name).replace(/\{(\w+)\}/g, (_, key: string) => String(values[key] ?? ""));
}
