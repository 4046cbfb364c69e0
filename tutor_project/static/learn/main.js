// The words first, then everything that says them.

import { readWords } from "./i18n.js";

await readWords();
await import("./app.js");
