"use strict";

/**
 * What the first page says of the package: a server error is a fault of it. Where the page leads,
 * whether it asks for a login and what else it names is the project's own.
 */

const WORST_STATUS = 499;
const REFUSED_STATUS = 400;

/**
 * @typedef {object} SeenPage
 * @property {number} status of HTTP; 0 if none came
 * @property {string} title
 * @property {number} elements how many its body holds
 * @property {boolean} empty that its body shows nothing
 * @property {boolean} painted
 * @property {boolean} left that it led to another site, or to a file to save
 * @property {string[]} failed status and path of what it needs and did not get
 */

/**
 * @typedef {object} Judgement
 * @property {string[]} problems of the package
 * @property {string[]} warnings about the project
 */

/**
 * Tell what is wrong with the first page.
 *
 * @param {Pick<SeenPage, "status" | "left" | "empty" | "failed">} page
 * @returns {Judgement}
 */
function judgeFirstPage({ status, left, empty, failed }) {
  const warnings = failed.map((address) => `The first page needs what failed: ${address}`);
  if (left) {
    warnings.unshift("The first page leads out of the application");
    return { problems: [], warnings };
  }
  if (status <= 0 || status > WORST_STATUS) {
    const problem = status <= 0 ? "The first page did not come" : `The first page has status ${status}`;
    return { problems: [problem], warnings };
  }
  if (status >= REFUSED_STATUS) {
    warnings.unshift(`The first page has status ${status}`);
  }
  if (empty) {
    warnings.push("The first page is empty");
  }
  return { problems: [], warnings };
}

module.exports = { judgeFirstPage };
