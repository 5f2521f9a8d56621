"use strict";
// Ends the process in words.

const fs = require("fs");

const EXIT_CODE = 3;

/** Write one sentence to standard error, and end with 3. */
function fail(sentence) {
  fs.writeSync(2, `jobmock: ${sentence}\n`);
  process.exit(EXIT_CODE);
}

module.exports = { fail };
