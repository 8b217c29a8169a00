"use strict";

/**
 * A failure told to the user as what happened, why, and what to do next.
 */
class ShellError extends Error {
  /**
   * @param {string} what
   * @param {{ why: string, next: string }} explanation
   */
  constructor(what, { why, next }) {
    super(`${what}\nReason: ${why}\nWhat to do: ${next}`);
    this.name = "ShellError";
    this.what = what;
    this.why = why;
    this.next = next;
  }
}

/**
 * Return what to show for `error`; one that is not ours has no advice of its own.
 *
 * @param {unknown} error
 * @returns {string}
 */
function messageOf(error) {
  if (error instanceof ShellError) {
    return error.message;
  }
  const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const next = "Try again. If it happens again, save the diagnostics and report it.";
  return new ShellError("The application could not be started.", { why, next }).message;
}

/**
 * Return the system's own name of the error, such as "ENOENT", or its text.
 *
 * @param {unknown} error
 * @returns {string}
 */
function reasonOf(error) {
  const { code, message } = /** @type {NodeJS.ErrnoException} */ (error);
  return code ?? message ?? String(error);
}

exports.ShellError = ShellError;
exports.messageOf = messageOf;
exports.reasonOf = reasonOf;
