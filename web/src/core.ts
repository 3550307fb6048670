// What every page can use: toasts, relative times, shortcuts, live counts, menus, loading more.
// Each part stands alone: where one fails, the page below it still works.

import { copyButtons, menus, onePress, sentDraft, tabs } from "./controls";
import { keys } from "./keys";
import { live } from "./live";
import { more } from "./more";
import { times } from "./times";
import { htmxAnswers } from "./toasts";

for (const start of [sentDraft, times, onePress, menus, tabs, copyButtons, keys, htmxAnswers, more, live]) {
  try {
    start();
  } catch (error) {
    console.error(error);
  }
}
