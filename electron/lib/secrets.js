"use strict";

const MASK = "***";

/**
 * Return `text` with every secret in it replaced.
 *
 * @param {string} text
 * @param {readonly string[]} secrets
 * @returns {string}
 */
function maskSecrets(text, secrets) {
  return secrets
    .filter((secret) => secret !== "")
    .reduce((masked, secret) => masked.split(secret).join(MASK), text);
}

module.exports = { maskSecrets };
